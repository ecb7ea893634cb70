package moonlet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The stored form of a state (ABI.md, "Snapshots"): the same bytes in every language. */
final class Snapshot {
    private static final byte[] LETTERS = "MOONSNAP".getBytes(StandardCharsets.US_ASCII);
    private static final int FORM = 2;
    private static final int HASHED = 96;
    private static final int HEADER = 128;
    private static final int RECORD = 4 + Instance.PAGE;
    private static final byte[] ZEROS = new byte[Instance.PAGE];

    private Snapshot() {}

    /** The stored form of a memory. */
    static byte[] save(byte[] image, int abi, int lua, byte[] build) {
        int kept = 0;
        int last = -1;
        for (int page = 0; page < image.length / Instance.PAGE; page++) {
            if (!isZero(image, page)) {
                kept++;
                last = page;
            }
        }
        long size = HEADER + (long) RECORD * kept;
        if (size > Integer.MAX_VALUE - 8) {
            throw LuaException.of(Numbers.STATUS_TOO_BIG, "the snapshot takes " + size + " bytes, more than an array has; free something in the script");
        }
        ByteBuffer out = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        out.position(HEADER);
        for (int page = 0; page <= last; page++) {
            if (!isZero(image, page)) {
                out.putInt(page).put(image, page * Instance.PAGE, Instance.PAGE);
            }
        }
        byte[] bytes = out.array();
        out.position(0);
        out.put(LETTERS).putInt(FORM).putInt(abi).putInt(lua).putInt(last + 1).put(build).putLong(size - HEADER);
        out.put(hash(bytes, HEADER, bytes.length)).put(hash(bytes, 0, HASHED));
        return bytes;
    }

    private static boolean isZero(byte[] image, int page) {
        return Arrays.equals(image, page * Instance.PAGE, (page + 1) * Instance.PAGE, ZEROS, 0, Instance.PAGE);
    }

    private static byte[] hash(byte[] data, int from, int to) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(data, from, to - from);
            return digest.digest();
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException("every Java has SHA-256", error);
        }
    }

    /** The memory that a snapshot holds; 0 as the limit is none. Throws LuaRefusedException for one that fails any check. */
    static byte[] load(byte[] data, int lua, byte[] build, long pageLimit) {
        if (data.length < HEADER || !Arrays.equals(data, 0, LETTERS.length, LETTERS, 0, LETTERS.length)) {
            throw refused("these bytes are no snapshot, or not even its header");
        }
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        int form = in.getInt(8);
        if (form != FORM) {
            throw refused("the snapshot has form " + form + ", and this package knows form " + FORM + "; use a newer package");
        }
        if (!Arrays.equals(hash(data, 0, HASHED), Arrays.copyOfRange(data, HASHED, HEADER))) {
            throw refused("the snapshot's header is damaged; restore an older one");
        }
        int madeBy = in.getInt(16);
        if (madeBy != lua) {
            String name = madeBy / 100 + "." + madeBy % 100;
            throw refused("the snapshot was made by Lua " + name + "; restore it into a state of module(\"lua" + name.replace(".", "") + "\")");
        }
        if (!Arrays.equals(data, 24, 56, build, 0, build.length)) {
            throw refused("the snapshot was made by another build of the module; use the package it was made with");
        }
        int length = data.length - HEADER;
        if (in.getLong(56) != length || length % RECORD != 0 || !Arrays.equals(hash(data, HEADER, data.length), Arrays.copyOfRange(data, 64, HASHED))) {
            throw refused("the snapshot is damaged or cut short; restore an older one");
        }
        long pages = in.getInt(20) & 0xffffffffL;
        if (pageLimit > 0 && pages > pageLimit || pages > Short.MAX_VALUE) {
            throw refused("the snapshot needs " + pages + " pages of memory, and this state may have " + Math.min(pageLimit, Short.MAX_VALUE)
                    + "; raise `memory` or `pages`");
        }
        long last = -1;
        for (int at = HEADER; at < data.length; at += RECORD) {
            long page = in.getInt(at) & 0xffffffffL;
            if (page <= last || page >= pages) {
                throw refused("the snapshot's pages are out of order; restore an older one");
            }
            last = page;
        }
        if (last + 1 != pages) {
            throw refused("the snapshot's pages are out of order; restore an older one");
        }
        byte[] image = new byte[(int) pages * Instance.PAGE];
        for (int at = HEADER; at < data.length; at += RECORD) {
            System.arraycopy(data, at + 4, image, in.getInt(at) * Instance.PAGE, Instance.PAGE);
        }
        return image;
    }

    private static LuaException refused(String message) {
        return LuaException.of(Numbers.STATUS_BAD_DATA, message);
    }
}
