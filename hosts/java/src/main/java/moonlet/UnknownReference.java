package moonlet;

/** An object of another host, which a restored snapshot still holds; here nothing can be done with it but to give it back. */
public final class UnknownReference {
    private final int number;

    UnknownReference(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    @Override
    public String toString() {
        return "UnknownReference " + Integer.toUnsignedString(number);
    }
}
