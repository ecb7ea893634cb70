#ifndef MOONLET_LTESTS_ASSERT_H
#define MOONLET_LTESTS_ASSERT_H

extern _Noreturn void moonlet_assert_failed(const char *condition, const char *file, int line);

/* Lua's internal checks, which the shipped module is built without. */
#define assert(condition) ((condition) ? (void)0 : moonlet_assert_failed(#condition, __FILE__, __LINE__))

#endif
