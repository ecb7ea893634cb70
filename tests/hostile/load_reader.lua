-- A reader function that never ends its chunk.
load(function() return ' ' end)
