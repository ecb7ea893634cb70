-- A reader function that goes on with one name.
assert(load(function() return 'xxxxxxxxxxxxxxxx' end))
