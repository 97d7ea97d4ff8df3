package sweep

import (
	"os"
	"path/filepath"
	"strings"

	"bitcycle/internal/strict"
	"bitcycle/kernels/dataset"
)

// keyed are the keys whose values may name files.
var keyed = []string{"machine", "frontend", "workload", "network", "method", "data", "calib"}

// MapPaths replaces every path of a file or a folder in the sweep's values.
func (s *Spec) MapPaths(replace func(path string) string) {
	change := func(key, value string) string {
		if key == "machine" || key == "frontend" || key == "workload" || key == "network" {
			if hasFile("", value) && strings.ContainsAny(value, `/\.`) {
				return replace(value)
			}
			return value
		}
		return mapTokens(value, replace)
	}
	for _, key := range keyed {
		if v, ok := s.Base.Settings[key]; ok {
			s.Base.Settings[key] = change(key, v)
		}
		for i := range s.Axes {
			for k := range s.Axes[i].Keys {
				if s.Axes[i].Keys[k] == key {
					for _, v := range s.Axes[i].Values {
						v[k] = change(key, v[k])
					}
				}
			}
		}
	}
}

// mapTokens replaces the parts of "cifar10:FILE[:9]+cifar10:FILE" or "policy:FILE" that
// are paths.
func mapTokens(value string, replace func(string) string) string {
	var out strings.Builder
	for value != "" {
		end := strings.IndexAny(value, ":+,=[]")
		token, rest := value, ""
		if end >= 0 {
			token, rest = value[:end], value[end:]
		}
		if path := dataset.Resolve(token); token != "" && strings.ContainsAny(token, `/\.`) && hasFile("", path) {
			token = replace(path)
		}
		out.WriteString(token)
		if rest != "" {
			out.WriteByte(rest[0])
			rest = rest[1:]
		}
		value = rest
	}
	return out.String()
}

// maxInputs bounds the files that a sweep rests on.
const maxInputs = 10_000

// Inputs lists the files that the sweep rests on, absolute: those it names, what machines,
// front ends and networks among them name in turn, the labels beside arrays, and all files
// of folders.
func (s *Spec) Inputs() []string {
	var list []string
	seen := map[string]bool{}
	var add func(path string)
	add = func(path string) {
		path, err := filepath.Abs(path)
		if err != nil || seen[path] || len(list) >= maxInputs {
			return
		}
		seen[path] = true
		info, err := os.Stat(path)
		if err != nil {
			return
		}
		if info.IsDir() {
			entries, err := os.ReadDir(path)
			if err != nil {
				return
			}
			for _, e := range entries {
				add(filepath.Join(path, e.Name()))
			}
			return
		}
		list = append(list, path)
		for _, further := range mentioned(path) {
			add(further)
		}
	}
	s.MapPaths(func(path string) string {
		add(path)
		return path
	})
	return list
}

// mentioned are the files that a file names, beside it.
func mentioned(path string) []string {
	if labels, ok := strings.CutSuffix(path, ".npy"); ok {
		return []string{labels + ".labels.npy"}
	}
	if filepath.Ext(path) != ".toml" {
		return nil
	}
	doc, err := strict.Read(path)
	if err != nil {
		return nil
	}
	var list []string
	for _, key := range []string{"base", "onnx", "accelerator", "memory.preset"} {
		if name := doc.Text(key); name != "" && strings.ContainsAny(name, `/\.`) {
			if !filepath.IsAbs(name) {
				name = filepath.Join(filepath.Dir(path), name)
			}
			list = append(list, name)
		}
	}
	return list
}
