package moonlet;

import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The state's in-memory file system as a map from name to contents; {@code a/b.lua}, {@code ./a/b.lua} and {@code /a/b.lua} are one name.
 * {@code get} answers null where there is no such file. It throws LuaRefusedException for a file larger than the option {@code result}, {@code put}
 * where memory does not suffice, and IllegalArgumentException for what names no file.
 */
final class VirtualFiles extends AbstractMap<String, byte[]> {
    private final Lua lua;

    VirtualFiles(Lua lua) {
        this.lua = lua;
    }

    private static byte[] name(Object name) {
        if (!(name instanceof String text)) {
            throw new IllegalArgumentException("the name of a file is a String, not " + name);
        }
        return Codec.utf8(text);
    }

    private Instance.Answer read(Object name) {
        return lua.use(instance -> {
            Instance.Answer answer = instance.ask("read_file", name(name));
            if (answer.status() == Numbers.STATUS_POISONED || answer.status() == Numbers.STATUS_BAD_STATE) {
                throw Instance.refusal(answer.status(), "");
            }
            return answer;
        });
    }

    @Override
    public byte[] get(Object name) {
        Instance.Answer answer = read(name);
        if (answer.status() == Numbers.STATUS_OK) {
            return answer.result();
        }
        if (answer.status() == Numbers.STATUS_BAD_ARGUMENT) {
            return null;
        }
        throw Instance.refusal(answer.status(), "the file \"" + name + "\" is larger than `result` or the memory that is left allows");
    }

    @Override
    public boolean containsKey(Object name) {
        // One that is too large to be read is there.
        return read(name).status() != Numbers.STATUS_BAD_ARGUMENT;
    }

    @Override
    public byte[] put(String name, byte[] contents) {
        int status = lua.use(instance -> instance.write(name(name), contents));
        if (status == Numbers.STATUS_BAD_ARGUMENT) {
            throw new IllegalArgumentException("\"" + name + "\" cannot be a file: it is no name of one, lies below a file, or is a device");
        }
        if (status != Numbers.STATUS_OK) {
            throw Instance.refusal(status, "the file \"" + name + "\" of " + contents.length + " bytes does not fit into the memory; raise `memory`");
        }
        return null;
    }

    @Override
    public byte[] remove(Object name) {
        Instance.Answer before = read(name);
        if (before.status() == Numbers.STATUS_BAD_ARGUMENT) {
            return null;
        }
        int status = lua.use(instance -> instance.give("remove_file", name(name)));
        if (status != Numbers.STATUS_OK) {
            throw Instance.refusal(status, "the file \"" + name + "\" cannot be removed");
        }
        return before.result();
    }

    private List<?> list() {
        return lua.use(instance -> {
            Instance.Answer answer = instance.ask("list_files", (byte[]) null);
            if (answer.status() != Numbers.STATUS_OK) {
                throw Instance.refusal(answer.status(), "there is no memory for the list of files; raise `memory`");
            }
            return (List<?>) Codec.decode(answer.result(), (type, number) -> null);
        });
    }

    @Override
    public Set<Entry<String, byte[]>> entrySet() {
        List<?> listed = list();
        return new AbstractSet<>() {
            @Override
            public int size() {
                return listed.size();
            }

            @Override
            public Iterator<Entry<String, byte[]>> iterator() {
                return listed.stream().map(each -> ((List<?>) each).get(0))
                        .map(name -> name instanceof byte[] data ? new String(data, StandardCharsets.UTF_8) : (String) name)
                        .map(name -> (Entry<String, byte[]>) new Lazy(name)).iterator();
            }
        };
    }

    /** A file that is read when it is asked for. */
    private final class Lazy implements Map.Entry<String, byte[]> {
        private final String name;

        Lazy(String name) {
            this.name = name;
        }

        @Override
        public String getKey() {
            return name;
        }

        @Override
        public byte[] getValue() {
            return get(name);
        }

        @Override
        public byte[] setValue(byte[] contents) {
            return put(name, contents);
        }
    }
}
