package memory

import (
	"fmt"
	"strings"

	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/calls"
)

// Mapping says how a layer is cut. Its words are made when it is printed.
type Mapping struct {
	form  form
	tiles int
	n     [2 * loopCount]int32 // the numbers of its sentence
	order [calls.Dims]uint8
	depth uint8
}

// form is a kind of sentence.
type form uint8

const (
	unsaid form = iota
	oneTile
	channelTiles
	groupTiles
	imageByImage
	tileLoops
	callLoops
)

// String is the mapping in a sentence; "" where there is nothing to map.
func (m Mapping) String() string {
	n := &m.n
	switch m.form {
	case oneTile:
		return "one tile"
	case channelTiles, groupTiles:
		what, order := "channels", "weights stay"
		if m.form == groupTiles {
			what = "groups"
		}
		if n[5] == 1 {
			order = "inputs stay"
		}
		return fmt.Sprintf("%d tiles of %d×%d×%d positions × %d %s × %d inputs, %s", m.tiles, n[0], n[1], n[2], n[3], what, n[4], order)
	case imageByImage:
		return fmt.Sprintf("image by image, %d sets of %d channels, %d positions at a time", n[0], n[1], n[2])
	case tileLoops:
		return m.nest().String()
	case callLoops:
		return m.callText()
	}
	return ""
}

// mapping keeps a nest in little room.
func (t *nest) mapping() Mapping {
	m := Mapping{form: tileLoops, depth: uint8(t.depth)}
	for loop := range loopCount {
		m.n[loop], m.n[loopCount+loop], m.order[loop] = int32(t.tile[loop]), int32(t.count[loop]), uint8(t.order[loop])
	}
	return m
}

func (m *Mapping) nest() nest {
	t := nest{depth: int(m.depth)}
	for loop := range loopCount {
		t.tile[loop], t.count[loop], t.order[loop] = int(m.n[loop]), int(m.n[loopCount+loop]), int(m.order[loop])
	}
	return t
}

// callText lists the loops over calls from the outermost in, each with its tile.
func (m *Mapping) callText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d calls, outermost first:", m.tiles)
	for _, d := range m.order {
		fmt.Fprintf(&b, " %s %d", workload.LoopNames[d], m.n[d])
	}
	return b.String()
}
