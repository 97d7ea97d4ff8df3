package arch

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	archconfigs "bitcycle/arch-configs"
	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// catalog is one kind of document: what messages call it, where the shipped
// ones lie and what its keys are.
type catalog struct {
	what   string
	folder string
	root   reflect.Type

	read  sync.Map // what was read of the shipped ones, by name: a func() (layers, error)
	bases sync.Map // the same to be varied: a *base
}

var machines = &catalog{what: "machine", folder: ".", root: reflect.TypeFor[Accelerator]()}

// document is a text with the name that messages call it by: TOML, or a
// configuration of SCALE-Sim.
type document struct{ file, text string }

// tree parses the document.
func (d document) tree() (*strict.Node, error) {
	if isScaleSim(d.file) {
		return scaleSimTree(d.file, d.text)
	}
	return strict.Parse(d.file, d.text, 0)
}

// open finds a document by shipped name or by path. A relative path starts at dir.
func (c *catalog) open(nameOrPath, dir string) (document, error) {
	if text, ok := c.shipped(nameOrPath); ok {
		return document{nameOrPath + ".toml", text}, nil
	}
	path := nameOrPath
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if !isPath(nameOrPath) {
		if _, err := os.Stat(path); err != nil || nameOrPath == "" {
			return document{}, unknownName(c.what, nameOrPath, namesIn(c.folder))
		}
	}
	return readDocument(path)
}

func (c *catalog) shipped(name string) (string, bool) {
	if isPath(name) {
		return "", false
	}
	text, err := archconfigs.Files.ReadFile(filepath.ToSlash(filepath.Join(c.folder, name+".toml")))
	return string(text), err == nil
}

// ships tells whether a shipped document has this name.
func (c *catalog) ships(name string) bool {
	if _, known := c.read.Load(name); known {
		return true
	}
	_, ok := c.shipped(name)
	return ok
}

func isPath(text string) bool {
	return strings.ContainsAny(text, `/\`) || strings.HasSuffix(text, ".toml") || isScaleSim(text)
}

func readDocument(path string) (document, error) {
	text, err := files.Read(context.Background(), path, files.Description)
	return document{path, string(text)}, err
}

func unknownName(what, name string, known []string) error {
	return strict.UnknownBut(what, name, known, "a file or one of "+strings.Join(known, ", "))
}

// namesIn lists the TOML files of a folder of the shipped configurations.
func namesIn(folder string) []string {
	entries, err := archconfigs.Files.ReadDir(folder)
	if err != nil {
		panic("arch: " + err.Error())
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".toml"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
