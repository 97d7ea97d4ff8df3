// Release builds the binaries of a release: static ones for five platforms, each in an
// archive with licences and the manual page, and the checksums of all.
//
//	go run -C tools ./release           the version is the tag of the commit
//	go run -C tools ./release -version v1.2.3 -out /tmp/release -only linux/amd64
//
// The same commit and toolchain give the same bytes.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// platforms are those that a release has.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"}

// beside are the files that stand beside the binary.
var beside = []string{"README.md", "LICENSE", "NOTICE", "CITATION.cff", "CHANGELOG.md"}

// semantic is a version as tags have it.
var semantic = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$`)

func main() {
	root := flag.String("root", "..", "folder of the repository")
	version := flag.String("version", "", "version; the tag of the commit unless given")
	out := flag.String("out", "../release", "folder for the archives")
	only := flag.String("only", strings.Join(platforms, ","), "platforms, separated by commas")
	flag.Parse()
	if err := release(*root, *version, *out, strings.Split(*only, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func release(root, version, out string, only []string) error {
	if version == "" {
		tag, err := output(root, "git", "describe", "--tags", "--exact-match")
		if err != nil {
			return fmt.Errorf("the commit has no tag: give -version: %w", err)
		}
		version = strings.TrimSpace(tag)
	}
	if !semantic.MatchString(version) {
		return fmt.Errorf("version %q: want one such as v1.2.3", version)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	page, err := manual(root, version)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, platform := range only {
		if !slices.Contains(platforms, platform) {
			return fmt.Errorf("platform %q: want one of %s", platform, strings.Join(platforms, ", "))
		}
		name, archive, err := pack(root, version, platform, page)
		if err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		if err := os.WriteFile(filepath.Join(out, name), archive, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(archive), name)
		fmt.Println(name)
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// trim keeps paths of this machine out of binaries.
var trim = []string{"-trimpath"}

// build makes the binary of a platform at path.
func build(root, version, platform, path string) error {
	system, machine, _ := strings.Cut(platform, "/")
	link := "-s -w -buildid= -X bitcycle/internal/cli.released=" + version
	args := append([]string{"build", "-buildvcs=false", "-ldflags", link, "-o", path}, trim...)
	c := exec.Command("go", append(args, ".")...)
	c.Dir, c.Stderr = root, os.Stderr
	c.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+machine, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	return c.Run()
}

// manual is the manual page of the version.
func manual(root, version string) ([]byte, error) {
	page, err := output(root, "go", "run", "-buildvcs=false", "-ldflags", "-X bitcycle/internal/cli.released="+version, ".", "--man")
	return []byte(page), err
}

func output(folder, command string, args ...string) (string, error) {
	c := exec.Command(command, args...)
	c.Dir, c.Stderr = folder, os.Stderr
	out, err := c.Output()
	return string(out), err
}
