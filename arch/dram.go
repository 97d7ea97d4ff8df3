package arch

import (
	"reflect"
	"strings"
	"sync"

	archconfigs "bitcycle/arch-configs"
	"bitcycle/internal/strict"
)

// DRAM is one memory part as seen by a channel of 64 data bits: timings in DRAM
// clocks, energies per 64-bit rank.
type DRAM struct {
	Schema      int     `toml:"schema"`       // version of the format
	Name        string  `toml:"name"`         // of the part
	Description string  `toml:"description"`  // one line for lists
	TCKNs       float64 `toml:"tck_ns"`       // one DRAM clock
	BusBits     int     `toml:"bus_bits"`     // data width of a channel
	BurstBytes  int     `toml:"burst_bytes"`  // that one column access moves
	BurstClocks int     `toml:"burst_clocks"` // that a burst holds the bus: half its length

	CL    int `toml:"cl"`     // read command to data, in DRAM clocks
	CWL   int `toml:"cwl"`    // write command to data, in DRAM clocks
	TRCD  int `toml:"trcd"`   // activate to column, in DRAM clocks
	TRP   int `toml:"trp"`    // precharge to activate, in DRAM clocks
	TRAS  int `toml:"tras"`   // activate to precharge, in DRAM clocks
	TCCDS int `toml:"tccd_s"` // column to column of another bank group, in DRAM clocks
	TCCDL int `toml:"tccd_l"` // column to column of the same bank group, in DRAM clocks
	TRRDS int `toml:"trrd_s"` // activate to activate of another bank group, in DRAM clocks
	TRRDL int `toml:"trrd_l"` // activate to activate of the same bank group, in DRAM clocks
	TFAW  int `toml:"tfaw"`   // window of at most four activates, in DRAM clocks
	TWTRS int `toml:"twtr_s"` // written data to a read of another bank group, in DRAM clocks
	TWTRL int `toml:"twtr_l"` // written data to a read of the same bank group, in DRAM clocks
	TWR   int `toml:"twr"`    // written data to precharge, in DRAM clocks
	TRTP  int `toml:"trtp"`   // read to precharge, in DRAM clocks
	TRFC  int `toml:"trfc"`   // time of a refresh, in DRAM clocks
	TREFI int `toml:"trefi"`  // between refreshes, in DRAM clocks

	BankGroups    int `toml:"bank_groups"`     // of a rank
	BanksPerGroup int `toml:"banks_per_group"` // of a bank group
	RowBytes      int `toml:"row_bytes"`       // that an activate opens, of the whole rank

	Energy DRAMEnergy `toml:"energy"`
	Source string     `toml:"source"` // data sheet of the timings
}

// DRAMEnergy holds IDD-derived energies of one rank, without I/O termination.
type DRAMEnergy struct {
	ActPrePJ     Constant `toml:"act_pre_pj"`               // per activate and precharge pair
	ReadPJ       Constant `toml:"read_burst_pj"`            // per burst read
	WritePJ      Constant `toml:"write_burst_pj"`           // per burst written
	RefreshNJ    Constant `toml:"refresh_nj"`               // per refresh
	ActiveMW     Constant `toml:"background_active_mw"`     // while a row is open
	PrechargedMW Constant `toml:"background_precharged_mw"` // while none is
}

// dramAlias maps short names to shipped parts.
var dramAlias = map[string]string{
	"ddr3-1600":   "DDR3-1600K-4Gb-x8",
	"ddr4-2400":   "DDR4-2400U-8Gb-x8",
	"ddr4-3200":   "DDR4-3200-8Gb-x8",
	"lpddr4-2400": "LPDDR4-2400-8Gb-x16x4",
}

// LoadDRAM reads a memory part: a shipped one by its name or alias (ddr4-2400),
// or a TOML file by path.
func LoadDRAM(nameOrPath string) (*DRAM, error) {
	doc, err := openDRAM(dramName(nameOrPath))
	if err != nil {
		return nil, err
	}
	tree, err := strict.Parse(doc.file, doc.text, 0)
	if err != nil {
		return nil, err
	}
	part := &DRAM{Schema: 1, BusBits: 64}
	d := newDecoder()
	d.Table("", tree, reflect.ValueOf(part).Elem())
	for _, e := range part.problems() {
		d.report(tree, e)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return part, nil
}

// dramName resolves an alias.
func dramName(nameOrPath string) string {
	if name, ok := dramAlias[strings.ToLower(nameOrPath)]; ok {
		return name
	}
	return nameOrPath
}

// shippedDRAMs are the names of the shipped parts.
var shippedDRAMs = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, name := range DRAMNames() {
		names[name] = true
	}
	return names
})

// shipsDRAM reports whether a part is a shipped one, which is known to be good.
func shipsDRAM(nameOrPath string) bool {
	return shippedDRAMs()[nameOrPath] || shippedDRAMs()[dramName(nameOrPath)]
}

func openDRAM(nameOrPath string) (document, error) {
	if text, err := archconfigs.Files.ReadFile("dram/" + nameOrPath + ".toml"); err == nil {
		return document{nameOrPath + ".toml", string(text)}, nil
	}
	if !isPath(nameOrPath) {
		return document{}, unknownName("DRAM", nameOrPath, DRAMNames())
	}
	return readDocument(nameOrPath)
}

// DRAMNames lists the shipped memory parts.
func DRAMNames() []string { return namesIn("dram") }

func (p *DRAM) problems() []*KeyError {
	r := &rules{}
	p.check(r)
	return r.broken
}

func (p *DRAM) check(r *rules) {
	r.among("schema", p.Schema, "want 1", 1)
	r.filled("name", p.Name)
	r.positive("tck_ns", p.TCKNs, 1000)
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("toml")
		if v.Field(i).Kind() == reflect.Int && key != "schema" {
			r.count(key, int(v.Field(i).Int()), 1, 1<<24)
		}
	}
	for key, n := range map[string]int{
		"bank_groups": p.BankGroups, "banks_per_group": p.BanksPerGroup, "row_bytes": p.RowBytes, "burst_bytes": p.BurstBytes,
	} {
		check(r, n <= 0 || n&(n-1) == 0, key, n, "must be a power of two")
	}
	check(r, p.RowBytes >= p.BurstBytes, "row_bytes", p.RowBytes, "must hold a burst: burst_bytes")
	e := reflect.ValueOf(p.Energy)
	for i := range e.NumField() {
		r.constant("energy."+e.Type().Field(i).Tag.Get("toml"), e.Field(i).Interface().(Constant))
	}
}
