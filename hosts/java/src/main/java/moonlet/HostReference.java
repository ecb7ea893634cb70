package moonlet;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Gives an object of the host to Lua, where it is opaque but for the methods named here. A script calls them with a colon:
 * {@code object:name(...)}. What comes back from Lua is the object itself. The same object is the same in Lua each time.
 */
public final class HostReference<T> {
    /** What a method does with its object and the arguments. */
    @FunctionalInterface
    public interface Method<T> {
        /** As {@link HostFunction#call}. */
        Object call(T object, Values arguments) throws Exception;
    }

    final T object;
    final Map<String, HostFunction> methods = new HashMap<>();
    Consumer<? super T> onDrop;

    private HostReference(T object) {
        this.object = object;
    }

    /** A reference to an object, without any method. */
    public static <T> HostReference<T> of(T object) {
        if (object == null || object instanceof HostReference || object instanceof LuaFunction) {
            throw new IllegalArgumentException("a host reference is to an object of the host; pass the value itself");
        }
        return new HostReference<>(object);
    }

    /** Lets scripts call a method. */
    public HostReference<T> method(String name, Method<? super T> method) {
        methods.put(name, arguments -> {
            // A script may call a method with any value in the place of its object.
            if (arguments.get(0) != object) {
                throw new IllegalArgumentException("call the method with a colon: object:" + name + "(...)");
            }
            return method.call(object, new Values(arguments.subList(1, arguments.size())));
        });
        return this;
    }

    /** Is called with the object once Lua holds it no more. */
    public HostReference<T> onDrop(Consumer<? super T> listener) {
        onDrop = listener;
        return this;
    }
}
