package moonlet;

/** A function of the host that scripts call. */
@FunctionalInterface
public interface HostFunction {
    /**
     * Gets the arguments; answers the result. {@link Values} are several results, null is nil; a {@code CompletionStage} is waited for, and its
     * outcome is the answer.
     *
     * @throws Exception as an error in the script, with {@code message} and {@code type}; it comes out of the evaluation if the script lets it
     */
    Object call(Values arguments) throws Exception;
}
