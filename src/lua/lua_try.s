# Lua's protected call and its throw, in standard WebAssembly exception handling. The C compiler knows neither: it sees
# two functions (see lua_user.h). lower-eh turns the tag, the throw and the try_table into plain branches afterwards.

	.globaltype __stack_pointer, i32
	.tagtype lua_exception
	.functype lua_try (i32, i32, i32) -> (i32)
	.functype lua_throw () -> ()
	.functype moonlet_set_stack (i32) -> ()

	.section .text.lua_exception,"",@
	.globl lua_exception
lua_exception:

# _Noreturn void lua_throw(void): unwinds to the innermost lua_try.
	.section .text.lua_throw,"",@
	.globl lua_throw
	.type lua_throw,@function
lua_throw:
	.functype lua_throw () -> ()
	throw lua_exception
	end_function

# int lua_try(void (*f)(lua_State *, void *), lua_State *L, void *ud): calls f(L, ud); 0 when it returned, 1 when it
# threw. The frames in between are gone without having put their stack back, so that is done here.
	.section .text.lua_try,"",@
	.globl lua_try
	.type lua_try,@function
lua_try:
	.functype lua_try (i32, i32, i32) -> (i32)
	.local i32
	global.get __stack_pointer
	local.set 3
	block
	try_table (catch lua_exception 0)
	local.get 1
	local.get 2
	local.get 0
	call_indirect (i32, i32) -> ()
	i32.const 0
	return
	end_try_table
	end_block
	local.get 3
	global.set __stack_pointer
	i32.const 1
	end_function

# void moonlet_set_stack(char *top): puts the C stack's pointer there. Its caller must have no frame.
	.section .text.moonlet_set_stack,"",@
	.globl moonlet_set_stack
	.type moonlet_set_stack,@function
moonlet_set_stack:
	.functype moonlet_set_stack (i32) -> ()
	local.get 0
	global.set __stack_pointer
	end_function
