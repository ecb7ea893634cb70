-- An empty loop of the other kind.
repeat until false
