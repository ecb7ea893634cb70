//! `make dist`: what is shipped, with hashes and sizes.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{module, root};

/// Raw, after `gzip -9`, and after `brotli -q 11`.
pub type Sizes = [usize; 3];

/// The sizes of `bytes`.
pub fn sizes(bytes: &[u8]) -> Result<Sizes> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    let mut brotli = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &parameters)?;
    Ok([bytes.len(), gzip.finish()?.len(), brotli.len()])
}

/// Fills `dist/` anew, prints the sizes, and answers those of the modules.
pub fn dist() -> Result<Vec<(String, Sizes)>> {
    let folder = root().join("dist");
    let modules = module::build_all()?;
    fs::create_dir_all(&folder)?;
    let mut sums = String::new();
    let mut table = serde_json::Map::new();
    let mut all = Vec::new();
    println!("{:<15} {:>9} {:>9} {:>9}", "file", "raw", "gzip", "brotli");
    for path in modules {
        let name = path.file_name().context("a module has a name")?.to_string_lossy().into_owned();
        let bytes = fs::read(&path)?;
        let [raw, gzip, brotli] = sizes(&bytes)?;
        fs::write(folder.join(&name), &bytes)?;
        sums += &format!("{}  {name}\n", module::hex(&Sha256::digest(&bytes)));
        println!("{name:<15} {raw:>9} {gzip:>9} {brotli:>9}");
        all.push((name.clone(), [raw, gzip, brotli]));
        table.insert(name, json!({ "raw": raw, "gzip": gzip, "brotli": brotli }));
    }
    fs::copy(root().join("LICENSE"), folder.join("LICENSE"))?;
    sums += &format!("{}  LICENSE\n", module::hex(&Sha256::digest(fs::read(folder.join("LICENSE"))?)));
    fs::write(folder.join("SHA256SUMS"), sums)?;
    fs::write(folder.join("sizes.json"), format!("{:#}\n", Value::Object(table)))?;
    Ok(all)
}
