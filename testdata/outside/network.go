package main

import (
	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
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

// foreign runs a model of a file, whose axes may come in another order than ours.
func foreign(context.Context) error {
	folder, err := os.MkdirTemp("", "outside")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "model.onnx")
	var file bytes.Buffer
	if err := onnx.Export(&file, shipped.Network()); err != nil {
		return err
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		return err
	}
	model, err := onnx.Open(path, onnx.Options{})
	if err != nil {
		return err
	}
	if err := model.Executable(); err != nil {
		return err
	}
	in := kernels.Shape{C: 1, H: int(model.Input.Dims[2]), W: int(model.Input.Dims[3])}
	image, err := model.Input.Stored(make([]float32, in.H*in.W), in)
	if err != nil {
		return err
	}
	plan, err := kernels.Compile(model.Net, kernels.PlanOptions{})
	if err != nil {
		return err
	}
	logits := make([]float32, plan.Classes)
	if err := plan.Run(kernels.Batch{Shape: in, N: 1, Data: image}, logits); err != nil {
		return err
	}
	scores, err := model.Outputs[0].Values(logits, kernels.Shape{C: plan.Classes, H: 1, W: 1})
	if err != nil {
		return err
	}
	fmt.Println("a black image has", len(scores), "scores, as the file orders them")
	return nil
}
