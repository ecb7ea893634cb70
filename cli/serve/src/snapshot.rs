//! Snapshots as the database holds them: compressed, with a first byte that says how.

/// The form: LZ4 in a block, after the length of what is in it.
const LZ4: u8 = 1;
/// No snapshot is as large, as a state has at most 2 GiB.
const LARGEST: usize = (2 << 30) + (1 << 20);

/// A snapshot for the database.
pub fn pack(snapshot: &[u8]) -> Vec<u8> {
    let mut packed = vec![LZ4];
    packed.extend(lz4_flex::block::compress_prepend_size(snapshot));
    packed
}

/// A snapshot out of the database.
pub fn unpack(stored: &[u8]) -> Result<Vec<u8>, String> {
    let (form, packed) = stored.split_first().ok_or("the stored state of the session is empty")?;
    if *form != LZ4 {
        return Err("the stored state of the session is of a form that only a newer program knows".into());
    }
    let damaged = |_| "the stored state of the session is damaged".to_string();
    let (size, block) = lz4_flex::block::uncompressed_size(packed).map_err(damaged)?;
    if size > LARGEST {
        return Err("the stored state of the session is damaged".into());
    }
    lz4_flex::block::decompress(block, size).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        for bytes in [&b""[..], b"abc", &[7; 300_000]] {
            assert_eq!(unpack(&pack(bytes)).unwrap(), bytes);
        }
    }

    #[test]
    fn damage_is_an_error() {
        let packed = pack(&[7; 1000]);
        assert!(unpack(&[]).is_err());
        assert!(unpack(&packed[..packed.len() - 1]).is_err());
        assert!(unpack(&[9, 0, 0, 0, 0]).unwrap_err().contains("newer"));
        assert!(unpack(&[LZ4, 0xff, 0xff, 0xff, 0xff, 0]).is_err());
    }
}
