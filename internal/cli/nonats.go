//go:build nonats

package cli

import (
	"context"

	"bitcycle/sim/sweep"
)

// natsCommands and natsFlags are empty in a program without NATS.
type (
	natsCommands struct{}
	natsFlags    struct{}
)

func (natsFlags) distributed() bool { return false }

func (sweepCmd) cluster(context.Context, *session, *sweep.Plan) error { return nil }
