//! What a thread has used of the processor, and its priority, as far as the system tells and takes them.

use std::time::Duration;

/// A thread.
#[derive(Clone, Copy)]
pub struct Thread {
    #[cfg(target_os = "linux")]
    clock: libc::clockid_t,
    #[cfg(target_os = "linux")]
    id: libc::pid_t,
}

#[cfg(target_os = "linux")]
impl Thread {
    /// The one that calls.
    pub fn current() -> Option<Self> {
        let mut clock = 0;
        // SAFETY: the thread is alive, as it calls, and the clock's number is written to a place that lives.
        let status = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        // SAFETY: it has no conditions.
        let id = unsafe { libc::gettid() };
        (status == 0).then_some(Self { clock, id })
    }

    /// The time that the processor spent on it; none when it has ended.
    pub fn used(&self) -> Option<Duration> {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the time is written to a place that lives. A number that is no clock any more is an error.
        let status = unsafe { libc::clock_gettime(self.clock, &mut time) };
        let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?);
        (status == 0).then(|| Duration::new(seconds, nanos))
    }

    /// Lets all others go first from now on. An unprivileged process cannot take that back, so the thread is to end soon.
    pub fn step_back(&self) {
        // SAFETY: it takes numbers only. When it fails the thread stays as it is.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, self.id.cast_unsigned(), 19) };
    }
}

#[cfg(not(target_os = "linux"))]
impl Thread {
    /// Not known here.
    pub fn current() -> Option<Self> {
        None
    }

    /// Not known here.
    pub fn used(&self) -> Option<Duration> {
        None
    }

    /// Not possible here.
    pub fn step_back(&self) {}
}
