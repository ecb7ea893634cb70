//! What engines with typed functions have in common: the exports with their signatures checked once, and memory.

/// Defines `Exports` for an engine whose crate has `Store`, `Instance`, `TypedFunc` and `Memory` of one form.
macro_rules! typed_exports {
    ($engine:ident) => {
        struct Exports {
            calls: Vec<Call>,
            set: $engine::TypedFunc<(u32, f64), i32>,
            get: $engine::TypedFunc<u32, f64>,
            compact: $engine::TypedFunc<(), f64>,
            memory: $engine::Memory,
        }

        /// An export by its number of parameters.
        enum Call {
            Zero($engine::TypedFunc<(), i32>),
            One($engine::TypedFunc<u32, i32>),
            Two($engine::TypedFunc<(u32, u32), i32>),
            Silent($engine::TypedFunc<(u32, u32), ()>),
            Three($engine::TypedFunc<(u32, u32, u32), i32>),
            Four($engine::TypedFunc<(u32, u32, u32, u32), i32>),
        }

        /// An export with its signature checked.
        fn find<P: $engine::WasmParams, R: $engine::WasmResults>(
            store: &mut $engine::Store<()>,
            instance: &$engine::Instance,
            name: &str,
        ) -> $crate::Result<$engine::TypedFunc<P, R>> {
            instance.get_typed_func(store, name).map_err(|_| $crate::engine::lacks(name))
        }

        impl Call {
            fn find(
                store: &mut $engine::Store<()>,
                instance: &$engine::Instance,
                export: $crate::engine::Export,
            ) -> $crate::Result<Self> {
                let name = export.name();
                Ok(match export.arity() {
                    0 => Self::Zero(find(store, instance, name)?),
                    1 => Self::One(find(store, instance, name)?),
                    2 if !export.answers() => Self::Silent(find(store, instance, name)?),
                    2 => Self::Two(find(store, instance, name)?),
                    3 => Self::Three(find(store, instance, name)?),
                    _ => Self::Four(find(store, instance, name)?),
                })
            }
        }

        impl Exports {
            fn find(store: &mut $engine::Store<()>, instance: &$engine::Instance) -> $crate::Result<Self> {
                let all = $crate::engine::Export::ALL.iter();
                let memory = instance.get_memory(&mut *store, "memory");
                Ok(Self {
                    calls: all
                        .map(|export| Call::find(store, instance, *export))
                        .collect::<$crate::Result<_>>()?,
                    set: find(store, instance, "set")?,
                    get: find(store, instance, "get")?,
                    compact: find(store, instance, "compact")?,
                    memory: memory.ok_or_else(|| $crate::engine::lacks("memory"))?,
                })
            }

            fn call(
                &self,
                store: &mut $engine::Store<()>,
                export: $crate::engine::Export,
                [a, b, c, d]: [u32; 4],
            ) -> Result<i32, $engine::Error> {
                match &self.calls[export as usize] {
                    Call::Zero(function) => function.call(store, ()),
                    Call::One(function) => function.call(store, a),
                    Call::Two(function) => function.call(store, (a, b)),
                    Call::Silent(function) => function.call(store, (a, b)).map(|()| 0),
                    Call::Three(function) => function.call(store, (a, b, c)),
                    Call::Four(function) => function.call(store, (a, b, c, d)),
                }
            }

            fn read(&self, store: &$engine::Store<()>, at: u32, bytes: &mut [u8]) -> bool {
                self.memory.read(store, at as usize, bytes).is_ok()
            }

            fn write(&self, store: &mut $engine::Store<()>, at: u32, bytes: &[u8]) -> bool {
                self.memory.write(store, at as usize, bytes).is_ok()
            }

            fn pages(&self, store: &$engine::Store<()>) -> u32 {
                self.memory.size(store) as u32
            }

            fn grow(&self, store: &mut $engine::Store<()>, pages: u32) -> bool {
                self.memory.grow(store, u64::from(pages)).is_ok()
            }
        }
    };
}

pub(super) use typed_exports;
