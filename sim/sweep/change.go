package sweep

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Has tells whether a key is set in the base or varies.
func (s *Spec) Has(key string) bool { return len(s.values(key)) > 0 }

// Set gives a key one value in every point, or makes an axis of several; at says where
// they were written.
func (s *Spec) Set(key string, values []string, at string) error {
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	axis, err := NewAxis(key, values, at)
	if err != nil {
		return err
	}
	if len(values) == 1 {
		s.Unset(key)
		s.Base.Settings[key] = values[0]
		return nil
	}
	s.Vary(axis)
	return nil
}

// Vary adds an axis, in the place of what its keys were before.
func (s *Spec) Vary(axis Axis) {
	for i := range s.Axes {
		if slices.Equal(s.Axes[i].Keys, axis.Keys) {
			s.Axes[i] = axis
			return
		}
	}
	s.Unset(axis.Keys...)
	s.Axes = append(s.Axes, axis)
}

// Unset removes keys from the base and the axes that have them.
func (s *Spec) Unset(keys ...string) {
	for _, key := range keys {
		delete(s.Base.Settings, key)
		s.Axes = slices.DeleteFunc(s.Axes, func(a Axis) bool { return slices.Contains(a.Keys, key) })
	}
}

// ParseConstraint reads "area_mm2<=4".
func ParseConstraint(text string) (Constraint, error) {
	at := strings.IndexAny(text, "<>=!")
	if at < 1 {
		return Constraint{}, fmt.Errorf("want a bound such as area_mm2<=4")
	}
	metric := strings.TrimSpace(text[:at])
	if _, err := metricOf(metric); err != nil {
		return Constraint{}, err
	}
	return parseBound(metric, text[at:])
}

// First are the values of at most n points.
func (p *Plan) First(n int) [][]string {
	var list [][]string
	for i := range min(n, p.n) {
		list = append(list, p.Values(i))
	}
	return list
}

// Clone is a sweep that shares nothing that can change.
func (s *Spec) Clone() *Spec {
	c := *s
	c.Base.Settings = maps.Clone(s.Base.Settings)
	c.Axes = slices.Clone(s.Axes)
	for i := range c.Axes {
		c.Axes[i].Values = make([][]string, len(s.Axes[i].Values))
		for k, v := range s.Axes[i].Values {
			c.Axes[i].Values[k] = slices.Clone(v)
		}
	}
	return &c
}
