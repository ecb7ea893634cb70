//! The exports that take and answer whole numbers.

macro_rules! exports {
    ($($export:ident $name:literal $arity:literal)*) => {
        /// An export whose parameters, and whose result if there is one, are of 32 bits. ABI.md describes each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "ABI.md describes each")]
        pub enum Export {
            $($export,)*
        }

        impl Export {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$export,)*];

            /// Its name in the module.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$export => $name,)*
                }
            }

            /// How many parameters it has: 0 to 4.
            pub fn arity(self) -> usize {
                match self {
                    $(Self::$export => $arity,)*
                }
            }
        }
    };
}

exports! {
    Alloc "alloc" 1
    Dealloc "dealloc" 2
    Compute "compute" 2
    Eval "eval" 2
    Call "call" 2
    Release "release" 2
    Dropped "dropped" 0
    Tasks "tasks" 0
    Request "request" 1
    Resume "resume" 3
    Raise "raise" 3
    Cancel "cancel" 1
    InfoPtr "info_ptr" 0
    Reset "reset" 0
    AbiVersion "abi_version" 0
    BuildIdPtr "build_id_ptr" 0
    OutputClear "output_clear" 0
    ErrorOutputClear "error_output_clear" 0
    WriteFile "write_file" 4
    ReadFile "read_file" 2
    RemoveFile "remove_file" 2
    ListFiles "list_files" 0
    TimeZone "time_zone" 2
    WriteInput "write_input" 2
}

impl Export {
    /// Whether it answers anything.
    pub fn answers(self) -> bool {
        self != Self::Dealloc
    }
}
