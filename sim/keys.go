package sim

import (
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"

	"bitcycle/arch"
)

// matters tells on which machines a key changes what a layer takes in cycles, bytes and
// tiles.
type matters uint8

const (
	never    matters = 0
	always   matters = 1 << (iota - 1)
	onMemory         // that takes time
	onDRAM
	byPrice // where tiles are chosen by what they cost in energy
)

// dependence lists the keys of a machine, or tables of keys, that do not matter always:
// the price of a layer does not depend on them otherwise. Energy is apart from it: it is
// put to the cycles and bytes of every machine anew.
var dependence = map[string]matters{
	"schema": never, "name": never, "description": never, "area": never, "sources": never, "unconfirmed": never,
	"technology_nm": byPrice, "voltage_v": byPrice, "clock_hz": onDRAM | byPrice,
	"buffers": onMemory, "buffers.weights.banks": byPrice, "buffers.inputs.banks": byPrice, "buffers.outputs.banks": byPrice,
	"buffers.weights.word_bits": byPrice, "buffers.inputs.word_bits": byPrice, "buffers.outputs.word_bits": byPrice,
	"memory.bits_per_cycle": onMemory, "memory.ports": onMemory, "memory.weight_bits_per_cycle": onMemory,
	"memory.input_bits_per_cycle": onMemory, "memory.output_bits_per_cycle": onMemory,
	"memory.latency_cycles": onMemory, "memory.tile_buffers": onMemory,
	"memory.preset": onDRAM, "memory.mapping": onDRAM, "memory.window": onDRAM, "memory.ctrl_cycles": onDRAM,
	"memory.reorder": onDRAM, "memory.channels": onDRAM,
	"memory.cache_model": onMemory, "memory.start": onMemory, "memory.requests": onMemory, "memory.cache": onMemory, "memory.outer": onMemory, "memory.main": onMemory, "host": onMemory,
	"memory.external": never, "memory.flash_bytes": never, "mapping": onMemory, "energy": byPrice, "energy.dram_model": onDRAM | byPrice,
}

// kind is what a machine is among those.
func (m *machine) kind() matters {
	mem := &m.acc.Memory
	if m.ideal() {
		return always
	}
	kind := always | onMemory
	if mem.Kind == "dram" {
		kind |= onDRAM
	}
	if mem.Overlap == "steady" || mem.Overlap != "fitted" && m.acc.Mapping.Objective != "cycles" {
		kind |= byPrice
	}
	return kind
}

// machineKey is a key of machine files.
type machineKey struct {
	name    string
	matters matters
	index   []int // of the field
}

// machineKeys are all keys that matter to some machine.
var machineKeys = sync.OnceValue(func() []machineKey { return keysOf(reflect.TypeFor[arch.Accelerator](), "", always, nil) })

func keysOf(t reflect.Type, prefix string, of matters, index []int) (keys []machineKey) {
	for i := range t.NumField() {
		field := t.Field(i)
		key := machineKey{prefix + field.Tag.Get("toml"), of, append(slices.Clip(slices.Clone(index)), i)}
		if own, ok := dependence[key.name]; ok {
			key.matters = own
		}
		switch {
		case field.Type.Kind() == reflect.Struct:
			keys = append(keys, keysOf(field.Type, key.name+".", key.matters, key.index)...)
		case key.matters != never && !strings.HasSuffix(key.name, ".source"):
			keys = append(keys, key)
		}
	}
	return keys
}

// appendPart appends the values of the keys that matter to what a layer takes on the
// machine: two machines that write the same are alike to it.
func (m *machine) appendPart(text []byte) []byte {
	kind, v := m.kind(), reflect.ValueOf(m.acc).Elem()
	text = append(text, byte(kind))
	for i := range machineKeys() {
		if key := &machineKeys()[i]; key.matters&kind != 0 {
			text = appendValue(text, v.FieldByIndex(key.index))
		}
	}
	return text
}

func appendValue(text []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(text, 1)
		}
		return append(text, 0)
	case reflect.Int:
		return binary.AppendVarint(text, v.Int())
	case reflect.Float64:
		return binary.LittleEndian.AppendUint64(text, math.Float64bits(v.Float()))
	case reflect.String:
		text = binary.AppendUvarint(text, uint64(v.Len()))
		return append(text, v.String()...)
	case reflect.Slice:
		text = binary.AppendUvarint(text, uint64(v.Len()))
		for i := range v.Len() {
			text = appendValue(text, v.Index(i))
		}
		return text
	case reflect.Map:
		text = binary.AppendUvarint(text, uint64(v.Len()))
		names := v.MapKeys()
		slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, name := range names {
			text = appendValue(appendValue(text, name), v.MapIndex(name))
		}
		return text
	}
	panic("sim: no way to compare machines by a " + v.Type().String())
}
