//! A lowered module does what the original does. Three sources of modules, one comparison (`twins.rs`).

mod arbitrary;
mod generated;
mod modules;
mod programs;
mod twins;
mod wat_files;
