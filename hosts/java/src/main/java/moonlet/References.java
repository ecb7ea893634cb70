package moonlet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** The objects of the host that Lua holds, by number and by identity. */
final class References {
    /** An object that Lua holds, and what a script may do with it. */
    static final class Entry {
        final Object object;
        private final HostFunction call;
        private Map<String, HostFunction> methods = Map.of();
        private Consumer<Object> onDrop;

        Entry(Object object, HostFunction call) {
            this.object = object;
            this.call = call;
        }

        void drop() {
            if (onDrop != null) {
                onDrop.accept(object);
            }
        }
    }

    private final Map<Integer, Entry> entries = new HashMap<>();
    private final Map<Object, Integer> numbers = new IdentityHashMap<>();
    private int last;

    References(boolean isDeterministic) {
        // A restored state may hold numbers that another process gave. Nobody can tell which, so each begins somewhere else, but where
        // scripts shall see the same numbers every time.
        last = isDeterministic ? 0 : ThreadLocalRandom.current().nextInt();
    }

    /** The same objects by the same numbers, for a copy of the state. */
    References copy() {
        References copied = new References(true);
        copied.entries.putAll(entries);
        copied.numbers.putAll(numbers);
        copied.last = last;
        return copied;
    }

    int size() {
        return entries.size();
    }

    /** The number of a function of the host, or of what a reference is to. One that did not stand for anything before is added to {@code fresh}. */
    @SuppressWarnings("unchecked")
    int number(Object value, Collection<Integer> fresh) {
        HostReference<?> reference = value instanceof HostReference<?> given ? given : null;
        Object object = reference == null ? value : reference.object;
        Integer number = numbers.get(object);
        if (number == null && object instanceof UnknownReference unknown && entries.containsKey(unknown.number())) {
            number = unknown.number();
        } else if (number == null) {
            number = object instanceof UnknownReference unknown ? unknown.number() : next();
            add(number, new Entry(object, reference == null && object instanceof HostFunction function ? function : null));
            fresh.add(number);
        }
        if (reference != null) {
            Entry entry = entries.get(number);
            entry.methods = Map.copyOf(reference.methods);
            entry.onDrop = (Consumer<Object>) reference.onDrop;
        }
        return number;
    }

    private int next() {
        do {
            // No number is given twice: a snapshot of this state may still hold it when it is restored.
            last++;
        } while (entries.containsKey(last));
        return last;
    }

    private void add(int number, Entry entry) {
        entries.put(number, entry);
        numbers.put(entry.object, number);
    }

    /** What a number stands for. */
    Entry entry(int number) {
        if (!entries.containsKey(number)) {
            add(number, new Entry(new UnknownReference(number), null));
        }
        return entries.get(number);
    }

    /** Takes out objects that Lua holds no more, or never got. */
    List<Entry> forget(Collection<Integer> forgotten) {
        List<Entry> found = new ArrayList<>();
        for (int number : forgotten) {
            Entry entry = entries.remove(number);
            if (entry != null) {
                numbers.remove(entry.object);
                found.add(entry);
            }
        }
        return found;
    }

    /** What a script does with an object of the host: {@code __call}, {@code __index} or {@code __newindex}. */
    static Object operate(Entry entry, String operation, Values arguments) throws Exception {
        if (entry.object instanceof UnknownReference) {
            throw LuaException.refused("this object belongs to a host that is gone; make it anew after a restore");
        }
        if (operation.equals("__index")) {
            return arguments.get(0) instanceof String name ? entry.methods.get(name) : null;
        }
        if (operation.equals("__call") && entry.call != null) {
            return entry.call.call(arguments);
        }
        throw new IllegalArgumentException(
                operation.equals("__call") ? "attempt to call an object of the host" : "attempt to set a field of an object of the host");
    }
}
