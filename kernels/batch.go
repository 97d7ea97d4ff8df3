package kernels

import "fmt"

// Batch is N images of one shape, float32 in the order image, row, column,
// channel (NHWC), already normalized the way the network expects its input.
type Batch struct {
	N    int
	Data []float32
	Shape
}

// Image returns the values of image i.
func (b Batch) Image(i int) []float32 {
	size := b.Size()
	return b.Data[i*size : (i+1)*size]
}

// Slice returns the images from lo up to hi, sharing their values.
func (b Batch) Slice(lo, hi int) Batch {
	size := b.Size()
	return Batch{N: hi - lo, Shape: b.Shape, Data: b.Data[lo*size : hi*size]}
}

// Normalize makes a batch of n images of the given shape from stored pixels in
// NHWC order: (x − mean[c])/std[c]. A single mean or std serves all channels;
// none means 0 or 1.
func Normalize[T uint8 | int8 | float32](pixels []T, n int, shape Shape, mean, std []float32) (Batch, error) {
	if len(pixels) != n*shape.Size() {
		return Batch{}, fmt.Errorf("%d pixels for %d images of %v", len(pixels), n, shape)
	}
	m, err := perChannel("mean", mean, 0, shape.C)
	if err != nil {
		return Batch{}, err
	}
	s, err := perChannel("std", std, 1, shape.C)
	if err != nil {
		return Batch{}, err
	}
	data := make([]float32, len(pixels))
	for i := 0; i < len(pixels); i += shape.C {
		for c, x := range pixels[i : i+shape.C] {
			data[i+c] = (float32(x) - m[c]) / s[c]
		}
	}
	return Batch{N: n, Shape: shape, Data: data}, nil
}

func perChannel(name string, values []float32, otherwise float32, channels int) ([]float32, error) {
	out := make([]float32, channels)
	for c := range out {
		switch len(values) {
		case 0:
			out[c] = otherwise
		case 1:
			out[c] = values[0]
		case channels:
			out[c] = values[c]
		default:
			return nil, fmt.Errorf("%d values of %s for %d channels", len(values), name, channels)
		}
	}
	return out, nil
}

// For returns the batch as the input of a network: itself if the shape is the
// network's, else its images as vectors in channel, row, column order if the
// network reads a vector of their size.
func (b Batch) For(net *Network) (Batch, error) {
	want := net.InputShape()
	if b.Shape == want {
		return b, nil
	}
	if want.Pixels() != 1 || want.C != b.Size() {
		return Batch{}, fmt.Errorf("images are %v, the network %q reads %v", b.Shape, net.Name, want)
	}
	out := Batch{N: b.N, Shape: want, Data: b.Data}
	if b.C == 1 {
		return out, nil
	}
	out.Data = make([]float32, len(b.Data))
	for i := range b.N {
		toCHW(out.Data[i*want.C:(i+1)*want.C], b.Image(i), b.Shape)
	}
	return out, nil
}

// toCHW copies an image from row, column, channel order to channel, row, column order.
func toCHW[T any](dst, src []T, s Shape) {
	n := s.Pixels()
	for c := range s.C {
		for p := range n {
			dst[c*n+p] = src[p*s.C+c]
		}
	}
}

// fromCHW is the inverse of toCHW.
func fromCHW[T any](dst, src []T, s Shape) {
	n := s.Pixels()
	for c := range s.C {
		for p := range n {
			dst[p*s.C+c] = src[c*n+p]
		}
	}
}
