#ifndef MOONLET_SIGNAL_H
#define MOONLET_SIGNAL_H

/* Lua's library uses only the type, to mark a variable that hooks may change at any time. */
typedef int sig_atomic_t;

#endif
