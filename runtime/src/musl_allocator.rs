//! The allocator of programs that are linked with musl.
//!
//! The allocator of musl returns every large buffer to the kernel at once, and gets it again page by page
//! for the next event. `dlmalloc` keeps it, and like musl's it takes one lock for all threads.

use dlmalloc::GlobalDlmalloc;

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;
