package moonlet;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Where one stream of what a script writes goes: as bytes, or as whole characters. */
final class Output {
    private final Consumer<byte[]> bytes;
    private final Consumer<String> text;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer rest = ByteBuffer.allocate(0);

    Output(Consumer<byte[]> bytes, Consumer<String> text) {
        this.bytes = bytes;
        this.text = text;
    }

    void take(byte[] written, boolean isEnd) {
        if (bytes != null) {
            bytes.accept(written);
            return;
        }
        // What two writes made of one character may come in two pieces.
        ByteBuffer in = ByteBuffer.allocate(rest.remaining() + written.length).put(rest).put(written).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.reset().decode(in, out, isEnd);
        rest = in;
        if (out.flip().hasRemaining()) {
            text.accept(out.toString());
        }
    }
}
