package cli

import (
	"runtime"
	"runtime/debug"

	"bitcycle/kernels/gemm"
	"bitcycle/reports"
)

type versionCmd struct{}

// Run prints the version table.
func (versionCmd) Run(s *session) error {
	return s.write(reports.Versions(version(), toolchain(), gemm.Path()))
}

// toolchain is what compiled the program, and for what.
func toolchain() string { return runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH }

// released is the version of a release, which tools/release sets when it links.
var released string

// version returns the version of the release, the module version, or the commit that the
// program was built from.
func version() string {
	if released != "" {
		return released
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			revision = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				dirty = "+dirty"
			}
		}
	}
	if len(revision) > 12 {
		revision = revision[:12]
	}
	if revision == "" {
		return "devel"
	}
	return revision + dirty
}
