package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite NOTICE")

// module is one that the program links.
type module struct{ Path, Version, Dir string }

// linked lists the modules that the program links on any platform of a release.
func linked(t *testing.T) []module {
	t.Helper()
	found := map[string]module{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		c := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Module", ".")
		c.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0", "GOWORK=off")
		out, err := c.Output()
		if err != nil {
			t.Fatalf("go list for %s: %v", system, err)
		}
		for d := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p struct{ Module *module }
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if p.Module != nil && p.Module.Path != "bitcycle" {
				found[p.Module.Path] = *p.Module
			}
		}
	}
	list := []module{{"the Go standard library", "", strings.TrimSpace(run(t, ".", "go", "env", "GOROOT"))}}
	var paths []string
	for path := range found {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		list = append(list, found[path])
	}
	return list
}

// licences are the texts of a module's licences, and of what it wants to be noticed. Of
// several to choose from, the GPL is not taken.
func licences(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, e := range entries {
		path, name := filepath.Join(folder, e.Name()), strings.ToUpper(e.Name())
		begins := func(word string) bool { return strings.HasPrefix(name, word) }
		switch {
		case e.IsDir() && name == "LICENSES":
			texts = append(texts, licences(t, path)...)
		case e.IsDir() || begins("GPL"):
		case slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "FTL"}, begins):
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
		}
	}
	return texts
}

// NOTICE has the licence of every module that the program links; -update rewrites it.
func TestNotice(t *testing.T) {
	var b strings.Builder
	b.WriteString("bitcycle is under the licence in LICENSE. Its binaries contain the following, under the licences below.\n" +
		"Sources of each are at its path, of the version given; bitcycle changes none of them.\n\n")
	modules := linked(t)
	texts, users := []string{}, map[string][]string{}
	for _, m := range modules {
		name := strings.TrimSpace(m.Path + " " + m.Version)
		fmt.Fprintf(&b, "* %s\n", name)
		own := licences(t, m.Dir)
		if len(own) == 0 {
			t.Errorf("%s: no licence found in %s", name, m.Dir)
		}
		for _, text := range own {
			if users[text] == nil {
				texts = append(texts, text)
			}
			users[text] = append(users[text], m.Path)
		}
	}
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("─", 80), strings.Join(users[text], ", "), text)
	}
	if len(modules) < 20 {
		t.Errorf("only %d modules", len(modules))
	}
	testdata.Text(t, "NOTICE", []byte(b.String()), *update)
}
