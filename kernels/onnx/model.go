package onnx

// The parts of the ONNX messages (onnx.proto, IR version 3 to 10) that are read.
type model struct {
	opset   int64            // of the default domain
	domains map[string]int64 // of the others
	meta    map[string]string
	graph   graph
}

type graph struct {
	name         string
	nodes        []node
	initializers []*tensor
	inputs       []valueInfo
	outputs      []valueInfo
	values       []valueInfo // of tensors between
	sparse       bool
}

type node struct {
	name, op, domain string
	inputs, outputs  []string
	attrs            map[string]attribute
	captures         []string          // tensors that graphs in its attributes read
	scope            map[string]string // new names of those that such graphs see around them
	depth            int               // of graphs around it that it was taken out of
}

type attribute struct {
	kind   int64
	f      float32
	i      int64
	s      string
	t      *tensor
	floats []float32
	ints   []int64
	// strings and body, a graph that is read when it is wanted.
	strings []string
	body    []byte
}

// valueInfo is a graph input or output; dims holds −1 for symbolic ones and is
// nil if the shape is not given.
type valueInfo struct {
	name     string
	elemType int64
	dims     []int64
}

func parseModel(data []byte) (*model, error) {
	m := &model{domains: map[string]int64{}, meta: map[string]string{}}
	seen := false
	err := walk(data, func(fd field) error {
		switch fd.num {
		case 7:
			seen = true
			return m.graph.parse(fd)
		case 8:
			return m.parseOpset(fd)
		case 14:
			key, value, err := parseEntry(fd)
			m.meta[key] = value
			return err
		}
		return nil
	})
	if err == nil && !seen {
		err = errWire
	}
	return m, err
}

// parseEntry reads a StringStringEntryProto.
func parseEntry(fd field) (key, value string, err error) {
	err = fd.message(func(fd field) error {
		switch fd.num {
		case 1:
			key = fd.text()
		case 2:
			value = fd.text()
		}
		return nil
	})
	return key, value, err
}

func (m *model) parseOpset(fd field) error {
	domain, version := "", int64(0)
	err := fd.message(func(fd field) error {
		switch fd.num {
		case 1:
			domain = fd.text()
		case 2:
			version = int64(fd.int)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		m.opset = version
	} else {
		m.domains[domain] = version
	}
	return err
}

func (g *graph) parse(fd field) error {
	return fd.message(g.field)
}

// field reads a field of a GraphProto.
func (g *graph) field(fd field) error {
	switch fd.num {
	case 1:
		n, err := parseNode(fd)
		g.nodes = append(g.nodes, n)
		return err
	case 2:
		g.name = fd.text()
	case 5:
		t, err := parseTensor(fd)
		g.initializers = append(g.initializers, t)
		return err
	case 11:
		v, err := parseValueInfo(fd)
		g.inputs = append(g.inputs, v)
		return err
	case 12:
		v, err := parseValueInfo(fd)
		g.outputs = append(g.outputs, v)
		return err
	case 13:
		v, err := parseValueInfo(fd)
		g.values = append(g.values, v)
		return err
	case 15:
		g.sparse = true
	}
	return nil
}

func parseNode(fd field) (node, error) {
	n := node{attrs: map[string]attribute{}}
	err := fd.message(func(fd field) error {
		switch fd.num {
		case 1:
			n.inputs = append(n.inputs, fd.text())
		case 2:
			n.outputs = append(n.outputs, fd.text())
		case 3:
			n.name = fd.text()
		case 4:
			n.op = fd.text()
		case 5:
			name, a, err := parseAttribute(fd)
			n.attrs[name] = a
			return err
		case 7:
			n.domain = fd.text()
		}
		return nil
	})
	return n, err
}

func parseAttribute(fd field) (name string, a attribute, err error) {
	err = fd.message(func(fd field) (err error) {
		switch fd.num {
		case 1:
			name = fd.text()
		case 2:
			var f []float32
			if f, err = fd.floats(nil); len(f) == 1 {
				a.f = f[0]
			}
		case 3:
			a.i = int64(fd.int)
		case 4:
			a.s = fd.text()
		case 5:
			a.t, err = parseTensor(fd)
		case 6:
			a.body = fd.bytes
		case 7:
			a.floats, err = fd.floats(a.floats)
		case 8:
			a.ints, err = fd.ints(a.ints)
		case 9:
			a.strings = append(a.strings, fd.text())
		case 20:
			a.kind = int64(fd.int)
		}
		return err
	})
	return name, a, err
}

func parseValueInfo(fd field) (valueInfo, error) {
	var v valueInfo
	err := fd.message(func(fd field) error {
		switch fd.num {
		case 1:
			v.name = fd.text()
		case 2:
			return fd.message(v.parseType)
		}
		return nil
	})
	return v, err
}

func (v *valueInfo) parseType(fd field) error {
	if fd.num != 1 { // not a tensor
		return nil
	}
	return fd.message(func(fd field) error {
		switch fd.num {
		case 1:
			v.elemType = int64(fd.int)
		case 2:
			v.dims = []int64{}
			return fd.message(v.parseDim)
		}
		return nil
	})
}

func (v *valueInfo) parseDim(fd field) error {
	if fd.num != 1 {
		return nil
	}
	size := int64(-1)
	err := fd.message(func(fd field) error {
		if fd.num == 1 {
			size = int64(fd.int)
		}
		return nil
	})
	v.dims = append(v.dims, size)
	return err
}
