package trace

import (
	"bufio"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of Perfetto's messages Trace, TracePacket, TrackDescriptor, CounterDescriptor,
// TrackEvent, DebugAnnotation, InternedData and EventName (protos/perfetto/trace).
const (
	tracePacket = 1

	packetTimestamp = 8
	packetSequence  = 10
	packetEvent     = 11
	packetInterned  = 12
	packetFlags     = 13
	packetTrack     = 60

	trackUUID     = 1
	trackName     = 2
	trackCounter  = 8
	trackOrdering = 11
	trackRank     = 12
	counterUnit   = 3

	eventDebug   = 4
	eventType    = 9
	eventName    = 10
	eventTrack   = 11
	eventCounter = 30

	debugNameID = 1
	debugInt    = 4
	debugText   = 6

	internedNames = 2
	internedKeys  = 3
)

// Values of the fields above.
const (
	sliceBegin, sliceEnd, counterValue = 1, 2, 4

	unitSizeBytes = 3

	needsState, clearsState = 2, 1 // sequence flags
	explicitOrder           = 3
)

// perfetto writes packets of one sequence; names are sent once and told by number.
type perfetto struct {
	w           *bufio.Writer
	err         error
	begun       bool
	names, keys map[string]uint64
	named       [OnChip + 1]bool // tracks
}

// machineTrack is above all tracks.
const machineTrack = 100

func newPerfetto(w io.Writer) *perfetto {
	p := &perfetto{w: bufio.NewWriter(w), names: map[string]uint64{}, keys: map[string]uint64{}}
	p.put(message(nil, packetTrack, number(text(number(nil, trackUUID, machineTrack), trackName, "machine"), trackOrdering, explicitOrder)))
	for t := Layers; t < LoadUnit; t++ {
		p.name(t)
	}
	p.name(OnChip)
	return p
}

// name names a track; those of units when they are first used.
func (p *perfetto) name(t Track) {
	if p.named[t] {
		return
	}
	p.named[t] = true
	d := number(text(number(nil, trackUUID, uint64(t)), trackName, names[t]), trackParent, machineTrack)
	if t == OnChip {
		d = message(d, trackCounter, number(nil, counterUnit, unitSizeBytes))
	}
	p.put(message(nil, packetTrack, number(d, trackRank, uint64(t))))
}

const trackParent = 5

func number(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func text(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func message(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

// put writes a packet.
func (p *perfetto) put(packet []byte) {
	flags := uint64(needsState)
	if !p.begun {
		p.begun, flags = true, needsState|clearsState
	}
	packet = number(number(packet, packetSequence, 1), packetFlags, flags)
	if p.err == nil {
		_, p.err = p.w.Write(message(nil, tracePacket, packet))
	}
}

// event writes an event with the names that it is the first to use.
func (p *perfetto) event(ns int64, event, interned []byte) {
	packet := message(number(nil, packetTimestamp, uint64(ns)), packetEvent, event)
	if interned != nil {
		packet = message(packet, packetInterned, interned)
	}
	p.put(packet)
}

func (p *perfetto) Begin(t Track, ns int64, name string, fields []Field) {
	p.name(t)
	var interned []byte
	event := number(number(nil, eventType, sliceBegin), eventTrack, uint64(t))
	event = number(event, eventName, intern(p.names, name, internedNames, &interned))
	for _, f := range fields {
		d := number(nil, debugNameID, intern(p.keys, f.Key, internedKeys, &interned))
		switch v := f.Value.(type) {
		case int64:
			d = number(d, debugInt, uint64(v))
		case string:
			d = text(d, debugText, v)
		}
		event = message(event, eventDebug, d)
	}
	p.event(ns, event, interned)
}

func (p *perfetto) End(t Track, ns int64) {
	p.event(ns, number(number(nil, eventType, sliceEnd), eventTrack, uint64(t)), nil)
}

func (p *perfetto) Value(t Track, ns int64, value int64) {
	event := number(number(nil, eventType, counterValue), eventTrack, uint64(t))
	p.event(ns, number(event, eventCounter, uint64(value)), nil)
}

func (p *perfetto) Close() error {
	if p.err == nil {
		p.err = p.w.Flush()
	}
	return p.err
}

// intern returns the number of a name, which is sent with the packet that uses it first.
func intern(known map[string]uint64, name string, field protowire.Number, sent *[]byte) uint64 {
	id, ok := known[name]
	if !ok {
		id = uint64(len(known)) + 1
		known[name] = id
		*sent = message(*sent, field, text(number(nil, 1, id), 2, name))
	}
	return id
}
