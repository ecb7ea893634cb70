package moonlet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import run.endive.runtime.ConstantEvaluators;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasm.types.ActiveDataSegment;
import run.endive.wasm.types.DataSegment;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.PassiveDataSegment;

/**
 * A linear memory in one array, which HotSpot reads and writes with one check of bounds. Endive's own has an array for each page.
 *
 * <p>The array may be longer than memory is, so that it need not be copied at each growth. Nothing outside of it can be reached.
 */
final class FlatMemory implements Memory {
    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);
    private static final VarHandle FLOAT = view(float[].class);
    private static final VarHandle DOUBLE = view(double[].class);

    /** An array holds no more. */
    private static final int MOST = 32_767;

    private final int initial;
    private final int most;
    private byte[] bytes;
    private int pages;
    private DataSegment[] segments = {};

    FlatMemory(MemoryLimits limits) {
        initial = limits.initialPages();
        most = Math.min(limits.maximumPages(), MOST);
        pages = initial;
        bytes = new byte[pages * PAGE_SIZE];
    }

    private static VarHandle view(Class<?> array) {
        return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
    }

    /** A copy of all of it. */
    byte[] image() {
        return Arrays.copyOf(bytes, pages * PAGE_SIZE);
    }

    /** Makes it what the image says, and zero beyond; false, and nothing has changed, where it cannot grow so far. */
    boolean load(byte[] image) {
        int missing = image.length / PAGE_SIZE - pages;
        if (missing > 0 && grow(missing) < 0) {
            return false;
        }
        System.arraycopy(image, 0, bytes, 0, image.length);
        Arrays.fill(bytes, image.length, bytes.length, (byte) 0);
        return true;
    }

    @Override
    public int pages() {
        return pages;
    }

    @Override
    public int initialPages() {
        return initial;
    }

    @Override
    public int maximumPages() {
        return most;
    }

    @Override
    public int grow(int count) {
        int before = pages;
        if (count < 0 || count > most - pages) {
            return -1;
        }
        long needed = (long) (pages + count) * PAGE_SIZE;
        if (needed > bytes.length) {
            try {
                bytes = Arrays.copyOf(bytes, (int) Math.min((long) most * PAGE_SIZE, Math.max(needed, bytes.length * 3L / 2)));
            } catch (OutOfMemoryError error) {
                // To the module memory is out, which it copes with.
                return -1;
            }
        }
        pages += count;
        return before;
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments) {
        this.segments = segments;
        for (DataSegment segment : segments) {
            if (segment instanceof ActiveDataSegment active) {
                int start = (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
                write(start, active.data(), 0, active.data().length);
            }
        }
    }

    @Override
    public void initPassiveSegment(int segment, int at, int from, int count) {
        write(at, segments[segment].data(), from, count);
    }

    @Override
    public void drop(int segment) {
        segments[segment] = PassiveDataSegment.EMPTY;
    }

    @Override
    public void write(int at, byte[] data, int from, int count) {
        System.arraycopy(data, from, bytes, at, count);
    }

    @Override
    public byte read(int at) {
        return bytes[at];
    }

    @Override
    public byte[] readBytes(int at, int count) {
        byte[] copy = new byte[count];
        System.arraycopy(bytes, at, copy, 0, count);
        return copy;
    }

    @Override
    public void writeByte(int at, byte value) {
        bytes[at] = value;
    }

    @Override
    public short readShort(int at) {
        return (short) SHORT.get(bytes, at);
    }

    @Override
    public long readU16(int at) {
        return (short) SHORT.get(bytes, at) & 0xffff;
    }

    @Override
    public void writeShort(int at, short value) {
        SHORT.set(bytes, at, value);
    }

    @Override
    public int readInt(int at) {
        return (int) INT.get(bytes, at);
    }

    @Override
    public void writeI32(int at, int value) {
        INT.set(bytes, at, value);
    }

    @Override
    public long readLong(int at) {
        return (long) LONG.get(bytes, at);
    }

    @Override
    public void writeLong(int at, long value) {
        LONG.set(bytes, at, value);
    }

    @Override
    public float readFloat(int at) {
        return (float) FLOAT.get(bytes, at);
    }

    @Override
    public long readF32(int at) {
        return (int) INT.get(bytes, at);
    }

    @Override
    public void writeF32(int at, float value) {
        FLOAT.set(bytes, at, value);
    }

    @Override
    public double readDouble(int at) {
        return (double) DOUBLE.get(bytes, at);
    }

    @Override
    public long readF64(int at) {
        return (long) LONG.get(bytes, at);
    }

    @Override
    public void writeF64(int at, double value) {
        DOUBLE.set(bytes, at, value);
    }

    @Override
    public void zero() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public void fill(byte value, int from, int to) {
        Arrays.fill(bytes, from, to, value);
    }

    @Override
    public void copy(int to, int from, int count) {
        System.arraycopy(bytes, from, bytes, to, count);
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    @Deprecated
    public Object lock(int at) {
        return this;
    }

    @Override
    @Deprecated
    public int waitOn(int at, int expected, long timeout) {
        throw new UnsupportedOperationException("the memory is not shared");
    }

    @Override
    @Deprecated
    public int waitOn(int at, long expected, long timeout) {
        throw new UnsupportedOperationException("the memory is not shared");
    }

    @Override
    @Deprecated
    public int notify(int at, int count) {
        return 0;
    }
}
