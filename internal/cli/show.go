package cli

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workloadfile"
)

type showCmd struct {
	Name string `arg:"" help:"Shipped machine or DRAM, or the path of a machine or workload file."`
}

// Help shows an example.
func (showCmd) Help() string {
	return "The output is TOML that can be read back.\n\nExample: bitcycle show haq-bismo-cloud --set array.rows=8"
}

// Run writes the effective input.
func (c showCmd) Run(s *session) error {
	text, err := c.text(s)
	if err != nil {
		return input(err)
	}
	if s.Out != "" {
		return input(os.WriteFile(s.Out, text, 0o644))
	}
	_, err = s.stdout.Write(text)
	return err
}

func (c showCmd) text(s *session) ([]byte, error) {
	var out bytes.Buffer
	kind, err := kindOf(c.Name)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "workload":
		w, err := workloadfile.Load(c.Name)
		if err != nil {
			return nil, err
		}
		err = workloadfile.Write(&out, w)
		return out.Bytes(), err
	case "machine":
		a, err := arch.Load(c.Name, s.Set)
		if err != nil {
			return nil, err
		}
		err = arch.Encode(&out, a)
		return out.Bytes(), err
	}
	return nil, fmt.Errorf("%s: a %s file has nothing to fill in: show takes machines and workloads", c.Name, kind)
}

// kindOf tells what a name or file is: machine, network, workload or policy.
func kindOf(name string) (string, error) {
	switch {
	case strings.HasSuffix(strings.ToLower(name), ".csv"):
		return "workload", nil
	case strings.HasSuffix(strings.ToLower(name), ".onnx"):
		return "network", nil
	case !strings.ContainsAny(name, `/\.`):
		return "machine", nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "[[op]]"):
			return "workload", nil
		case strings.HasPrefix(line, "[[layer]]"):
			return "policy", nil
		case strings.HasPrefix(line, "onnx") && strings.Contains(line, "="):
			return "network", nil
		case strings.HasPrefix(line, "engine") && strings.Contains(line, "="),
			strings.HasPrefix(line, "base") && strings.Contains(line, "="):
			return "machine", nil
		}
	}
	return "machine", nil
}
