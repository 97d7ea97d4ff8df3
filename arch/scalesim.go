package arch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// scaleSimBase is the shipped machine that stands below a configuration of
// SCALE-Sim: what its file does not say, such as energies, is from there.
const scaleSimBase = "scalesim-32x32"

// isScaleSim reports whether a file is a configuration of SCALE-Sim.
func isScaleSim(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".cfg") }

// setting is a line key = value (or key : value) of a configuration.
type setting struct {
	section, key, value string
	at                  strict.Position
}

func (s *setting) bad(rule string) error {
	return fmt.Errorf("%s: %s = %s: %s", s.at.LineOnly(), s.key, strict.Quote(s.value), rule)
}

// scaleSimTree turns a configuration of SCALE-Sim (versions 2 and 3) into what a
// machine file says that is based on scaleSimBase:
//
//	[general]               run_name
//	[architecture_presets]  ArrayHeight, ArrayWidth, IfmapSramSzkB, FilterSramSzkB, OfmapSramSzkB, Dataflow, Bandwidth
//	[run_presets]           InterfaceBandwidth
//
// CALC is ideal memory; USER gives each of the three operands a port of Bandwidth
// words of 8 bits per cycle, behind which tiles are pipelined as on every machine:
// SCALE-Sim's own stalls read windows with their duplicates and are not modelled.
// Addresses, banks and queues are accepted and have no effect; custom layouts,
// sparsity and Ramulator traces are refused where they are on.
func scaleSimTree(file, text string) (*strict.Node, error) {
	settings, err := readSettings(file, text)
	if err != nil {
		return nil, err
	}
	s := scaleSim{top: &strict.Node{Table: map[string]*strict.Node{}, At: strict.Position{File: file}}, file: file, seen: map[string]*setting{}}
	for i := range settings {
		s.take(&settings[i])
	}
	for _, key := range scaleSimNeeded {
		if s.seen[strings.ToLower(key)] == nil {
			s.errs = append(s.errs, fmt.Errorf("%s: [architecture_presets] has no %s", file, key))
		}
	}
	s.memory()
	if err := strict.Join(s.errs); err != nil {
		return nil, err
	}
	at := strict.Position{File: file}
	s.put("base", scaleSimBase, at)
	s.put("description", "SCALE-Sim configuration", at)
	return s.top, nil
}

// scaleSimNeeded are the keys without which SCALE-Sim does not run.
var scaleSimNeeded = []string{"ArrayHeight", "ArrayWidth", "IfmapSramSzkB", "FilterSramSzkB", "OfmapSramSzkB", "Dataflow"}

// scaleSimNumbers are the whole numbers that a machine has too, and what one of
// them is worth there.
var scaleSimNumbers = map[string]struct {
	key  string
	unit int64
}{
	"arrayheight": {"array.rows", 1}, "arraywidth": {"array.cols", 1},
	"ifmapsramszkb": {"buffers.inputs.bytes", 1 << 10}, "filtersramszkb": {"buffers.weights.bytes", 1 << 10}, "ofmapsramszkb": {"buffers.outputs.bytes", 1 << 10},
}

// scaleSimOff are switches that must be off.
var scaleSimOff = map[string]string{
	"useramulatortrace": "must be False: memory.kind = \"dram\" in a machine file puts DRAM behind the pipeline",
	"ifmapcustomlayout": "must be False: bank conflicts are not modelled", "filtercustomlayout": "must be False: bank conflicts are not modelled",
	"sparsitysupport": "must be False: sparse weights are not modelled",
}

// scaleSimIgnored have no effect on what is modelled.
var scaleSimIgnored = []string{
	"ifmapoffset", "filteroffset", "ofmapoffset", "memorybanks", "onchipmemorybanks", "onchipmemorybankports", "readrequestbuffer", "writerequestbuffer",
	"topologycsvloc", "sparserep", "optimizedmapping", "blocksize", "nonzeroelems", "randomnumbergeneratorseed",
	"ifmapsrambankbandwidth", "ifmapsrambanknum", "ifmapsrambankport", "filtersrambankbandwidth", "filtersrambanknum", "filtersrambankport",
}

// maxWords bounds Bandwidth, so that three ports together stay in range.
const maxWords = int64(maxRate) / 24

// scaleSim collects a tree.
type scaleSim struct {
	top  *strict.Node
	file string
	seen map[string]*setting // by key in lower case
	errs []error
}

// put sets a value at a dotted key.
func (s *scaleSim) put(key string, value any, at strict.Position) {
	n, parts := s.top, strings.Split(key, ".")
	for _, part := range parts[:len(parts)-1] {
		if n.Table[part] == nil {
			n.Table[part] = &strict.Node{Table: map[string]*strict.Node{}, At: at}
		}
		n = n.Table[part]
	}
	n.Table[parts[len(parts)-1]] = &strict.Node{Leaf: value, At: at}
}

// take puts one setting into the tree.
func (s *scaleSim) take(one *setting) {
	key := strings.ToLower(one.key)
	if s.seen[key] != nil {
		s.errs = append(s.errs, one.bad(fmt.Sprintf("is set in line %d already", s.seen[key].at.Line)))
		return
	}
	s.seen[key] = one
	if number, ok := scaleSimNumbers[key]; ok {
		v, err := strconv.ParseInt(one.value, 10, 64)
		if err != nil || v < 1 || v > maxBytes/number.unit {
			s.errs = append(s.errs, one.bad(fmt.Sprintf("must be 1 to %d", maxBytes/number.unit)))
			return
		}
		s.put(number.key, v*number.unit, one.at)
		return
	}
	switch rule, off := scaleSimOff[key]; {
	case key == "run_name" && one.value != "":
		s.put("name", one.value, one.at)
	case key == "dataflow":
		s.put("array.dataflow", strings.ToLower(one.value), one.at)
	case off && !strings.EqualFold(one.value, "false"):
		s.errs = append(s.errs, one.bad(rule))
	case off, key == "run_name", key == "bandwidth", key == "interfacebandwidth", slices.Contains(scaleSimIgnored, key):
	default:
		s.errs = append(s.errs, fmt.Errorf("%s: [%s] has no key %q", one.at.LineOnly(), one.section, one.key))
	}
}

// memory sets the memory system from InterfaceBandwidth and Bandwidth.
func (s *scaleSim) memory() {
	mode, width := s.seen["interfacebandwidth"], s.seen["bandwidth"]
	switch {
	case mode == nil || mode.value == "CALC":
		return
	case mode.value != "USER":
		s.errs = append(s.errs, mode.bad("must be CALC or USER"))
		return
	case width == nil:
		s.errs = append(s.errs, mode.bad("needs Bandwidth in [architecture_presets]"))
		return
	}
	words := strings.Split(width.value, ",")
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
		if words[i] != words[0] {
			s.errs = append(s.errs, width.bad("SCALE-Sim takes the first for all three operands: write one"))
			return
		}
	}
	v, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || v < 1 || v > maxWords {
		s.errs = append(s.errs, width.bad(fmt.Sprintf("must be 1 to %d words of 8 bits per cycle", maxWords)))
		return
	}
	s.put("memory.kind", "flat", mode.at)
	s.put("memory.overlap", "tiles", mode.at)
	s.put("memory.ports", "split", mode.at)
	s.put("memory.bits_per_cycle", 3*8*v, width.at)
	for _, port := range []string{"weight", "input", "output"} {
		s.put("memory."+port+"_bits_per_cycle", 8*v, width.at)
	}
}

// readSettings splits an INI text into its settings.
func readSettings(file, text string) ([]setting, error) {
	var list []setting
	section, number := "", 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		at := strict.Position{File: file, Line: number, Col: 1}
		bare := strings.TrimSpace(line)
		switch {
		case bare == "" || bare[0] == '#' || bare[0] == ';':
			continue
		case bare[0] == '[' && strings.HasSuffix(bare, "]"):
			section = strings.TrimSpace(bare[1 : len(bare)-1])
			continue
		}
		cut := strings.IndexAny(line, "=:")
		if cut < 0 || section == "" {
			return nil, fmt.Errorf("%s: want [section] and then key = value", at.LineOnly())
		}
		value := line[cut+1:]
		at.Col = cut + 2 + len(value) - len(strings.TrimLeft(value, " \t"))
		list = append(list, setting{section, strings.TrimSpace(line[:cut]), strings.TrimSpace(value), at})
	}
	return list, nil
}
