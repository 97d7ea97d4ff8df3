package files

import "golang.org/x/sys/unix"

// available is the memory of the machine, or what the limits of the process leave of it.
func available() int64 {
	const unknown = 8 << 30
	bytes := int64(unknown)
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		bytes = int64(info.Totalram) * int64(info.Unit)
	}
	for _, resource := range []int{unix.RLIMIT_AS, unix.RLIMIT_DATA} {
		var limit unix.Rlimit
		if unix.Getrlimit(resource, &limit) == nil && limit.Cur < uint64(bytes) {
			bytes = max(int64(limit.Cur), 2)
		}
	}
	return bytes
}
