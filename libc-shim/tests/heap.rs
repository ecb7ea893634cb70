//! Small blocks that come and go.

use libc_shim::heap;

/// One test, as the heap is the process's.
#[test]
fn small_blocks_are_kept_for_the_next_of_their_size_and_counted_all_the_same() {
    let before = heap::used();
    let blocks: Vec<*mut u8> = (0..3000).map(|_| heap::allocate_recycled(40)).collect();
    assert!(blocks.iter().all(|block| !block.is_null()));
    let full = heap::used();
    assert!(full >= before + 3000 * 40);
    for &block in &blocks {
        // SAFETY: each is live, has 40 bytes, and is not used again.
        unsafe { heap::recycle(block, 40) }
    }
    assert_eq!(heap::used(), before, "what is kept is nobody's");

    // The last one that was kept comes first, whatever the size within its class; another class has its own.
    let other = heap::allocate_recycled(100);
    let again = heap::allocate_recycled(39);
    assert!(blocks.contains(&again) && again != other);
    // SAFETY: both are live, of these sizes, and are not used again.
    unsafe {
        heap::recycle(again, 39);
        heap::recycle(other, 100);
    }
    assert_eq!(heap::allocate_recycled(40), again);
    // SAFETY: it is live, has 40 bytes, and is not used again.
    unsafe { heap::recycle(again, 40) }

    heap::set_limit(before + 40);
    assert!(heap::allocate_recycled(40).is_null(), "a limit holds for what is kept, too");
    heap::set_limit(usize::MAX);
    assert_eq!(heap::used(), before);

    // Each is given once.
    let mut all: Vec<*mut u8> = (0..3000).map(|_| heap::allocate_recycled(40)).collect();
    assert_eq!(heap::used(), full);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3000);
    for block in all {
        // SAFETY: each is live, has 40 bytes, and is not used again.
        unsafe { heap::recycle(block, 40) }
    }
    heap::compact();
    let large = heap::allocate(3000 * 40);
    assert!(!large.is_null());
    // SAFETY: it is live, of that size, and is not used again.
    unsafe { heap::release(large, 3000 * 40) }
    assert_eq!(heap::used(), before);
}
