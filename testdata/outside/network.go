package main

import (
	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
	"bytes"
	"context"
	"fmt"
)

// compared ranks a method of our own on two machines.
func compared(ctx context.Context) error {
	c := evaluate.Comparison{Network: shipped.File(), Methods: []evaluate.MethodFor{evaluate.Same(falling{})}}
	for _, name := range []string{"haq-bismo-edge", "haq-bismo-cloud"} {
		machine, err := arch.Load(name, []string{"batch=1"})
		if err != nil {
			return err
		}
		c.Machines = append(c.Machines, machine)
	}
	var err error
	if c.Calib, err = dataset.Load("glyphs:calib[:32]"); err != nil {
		return err
	}
	if c.Data, err = dataset.Load("glyphs[:100]"); err != nil {
		return err
	}
	plan, err := c.Plan()
	if err != nil {
		return err
	}
	entries, err := plan.Run(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		fmt.Println(e.Method, "on", e.Machine, "takes", e.Cost.Totals.Cycles, "cycles")
	}
	return nil
}

// written takes a network through ONNX, as floating point and quantized.
func written(ctx context.Context) error {
	var float, quantized bytes.Buffer
	if err := onnx.Export(&float, shipped.Network()); err != nil {
		return err
	}
	network, err := onnx.Import(&float)
	if err != nil {
		return err
	}
	calib, err := dataset.Load("glyphs:calib[:32]")
	if err != nil {
		return err
	}
	q, err := evaluate.Quantize(ctx, shipped.File(), falling{}, calib, nil)
	if err != nil {
		return err
	}
	if err := onnx.ExportQuantized(&quantized, q); err != nil {
		return err
	}
	back, err := onnx.ImportQuantized(&quantized)
	if err != nil {
		return err
	}
	before, after := q.Lower(), back.Lower()
	fmt.Println("ONNX keeps", len(network.Nodes), "nodes, and all widths:", fmt.Sprint(before.Ops[3].WeightBits) == fmt.Sprint(after.Ops[3].WeightBits))
	return nil
}
