import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Takes out of the translated modules what Endive puts before every call and at the end of every loop: a look whether the thread is interrupted, which
 * would tear the state down in the middle of an instruction. The package looks between slices.
 */
public final class Rewrite {
    public static void main(String[] arguments) throws IOException {
        List<Path> classes;
        try (Stream<Path> found = Files.list(Path.of(arguments[0]))) {
            classes = found.filter(path -> path.getFileName().toString().matches("Lua5.*Machine.*\\.class")).toList();
        }
        for (Path path : classes) {
            ClassReader reader = new ClassReader(Files.readAllBytes(path));
            ClassWriter writer = new ClassWriter(reader, 0);
            Without without = new Without(writer);
            reader.accept(without, 0);
            if (without.count > 0) {
                Files.write(path, writer.toByteArray());
            }
        }
        if (classes.isEmpty()) {
            throw new IOException("there are no translated modules in " + arguments[0]);
        }
    }

    private static final class Without extends ClassVisitor {
        private int count;

        Without(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
            return new MethodVisitor(Opcodes.ASM9, super.visitMethod(access, name, descriptor, signature, exceptions)) {
                @Override
                public void visitMethodInsn(int opcode, String owner, String called, String type, boolean isInterface) {
                    if (called.equals("checkInterruption") && type.equals("()V")) {
                        count++;
                    } else {
                        super.visitMethodInsn(opcode, owner, called, type, isInterface);
                    }
                }
            };
        }
    }
}
