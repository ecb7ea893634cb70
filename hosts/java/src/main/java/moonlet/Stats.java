package moonlet;

/**
 * Figures of a state.
 *
 * @param fuelUsed units of fuel that the last task used, from its start
 * @param memoryUsed bytes allocated now
 * @param memoryPeak the most they ever were
 * @param tasks suspended tasks
 * @param handles functions of Lua that the host holds, each time it got one
 */
public record Stats(long fuelUsed, long memoryUsed, long memoryPeak, int tasks, int handles) {}
