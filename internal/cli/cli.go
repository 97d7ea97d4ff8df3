// Package cli is the command line: one file a command, each parsing flags,
// calling one function and handing the result to reports.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"

	"bitcycle/evaluate"
	"bitcycle/internal/schema"
	"bitcycle/quantizers/bcgd"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInternal    = 3
	exitInterrupted = 130
)

// commands is the grammar of the command line.
type commands struct {
	globals

	Run      runCmd      `cmd:"" help:"Quantize, simulate and execute a network on a machine; or cost a workload file."`
	Quantize quantizeCmd `cmd:"" help:"Run one method and save its artifact: policy, quantized ONNX, factors."`
	Compare  compareCmd  `cmd:"" help:"Methods × machines: cost and error side by side."`
	Mimo     mimoCmd     `cmd:"" help:"One-bit MIMO front ends: error rate, latency, power and energy per delivered bit."`
	Sweep    sweepCmd    `cmd:"" help:"One question many times: axes over machines, their keys, methods and their arguments; the front, and every point in a folder."`
	natsCommands
	Merge       mergeCmd       `cmd:"" help:"Join the shards of a sweep."`
	Report      reportCmd      `cmd:"" help:"Draw stored results again, several side by side."`
	LUT         lutCmd         `cmd:"" name:"lut" help:"Latency and energy of every layer at every pair of widths."`
	Sensitivity sensitivityCmd `cmd:"" help:"What is lost when one layer is narrower than the others."`
	List        listCmd        `cmd:"" help:"List what is built in: machines, front ends, networks, methods, data."`
	Show        showCmd        `cmd:"" help:"Show a machine, a front end, a workload, a network, a policy or a sweep in full, every default filled in, as TOML."`
	Check       checkCmd       `cmd:"" help:"Validate machine, front end, network, workload and policy files."`
	Schema      schemaCmd      `cmd:"" help:"JSON schema of a kind of file: every key with unit, default, what is allowed and what it means, for editors."`
	proofCommands
	Completion  kongcompletion.Completion `cmd:"" help:"Completion for bash, zsh or fish: what to put into the shell's start-up file."`
	Version     versionCmd                `cmd:"" help:"Print the version, the Go release and the arithmetic kernels in use."`
	Man         manual                    `help:"Print the manual page."`
	ShowVersion versionFlag               `name:"version" help:"Print the version."`
}

// session is what a command gets besides its flags.
type session struct {
	globals
	stdout, stderr io.Writer
	command        string // the command line, to go on
	report         string // the same for the report, without what results do not depend on
	into           string // --out of commands whose results are a folder
	layers         bool   // of the points of a sweep are wanted in a file
	interrupt      *interruption
}

// inputError marks an error of the user's input, exit status 2: what a machine, a
// network, a method and data do together is determined by them.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// input marks err as the user's to mend; nil stays nil.
func input(err error) error {
	if err == nil {
		return nil
	}
	return inputError{err}
}

// exitStatus carries kong's wish to exit through the stack.
type exitStatus int

// Main runs the command line and returns the exit status.
func Main(args []string, stdout, stderr io.Writer) (status int) {
	var grammar commands
	return execute(&grammar, &grammar.globals, args, stdout, stderr)
}

// execute runs a command line of a grammar that embeds g.
func execute(grammar any, g *globals, args []string, stdout, stderr io.Writer) (status int) {
	s := &session{stdout: stdout, stderr: stderr, command: strings.Join(args, " "), report: strings.Join(withoutWorkers(args), " ")}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exitStatus:
			status = int(r)
		default:
			s.confess(r, debug.Stack())
			status = exitInternal
		}
	}()
	parser, parsed, err := parse(grammar, g, args, stdout, stderr)
	if err != nil {
		complain(stderr, err)
		if full(err) {
			return exitFailed
		}
		for _, hint := range hints(parser, args, err) {
			fmt.Fprintln(stderr, hint)
		}
		return exitUsage
	}
	s.globals = *g
	verb, _, _ := strings.Cut(parsed.Command(), " ")
	if verb == "sweep" || verb == "merge" {
		s.into, s.Out = s.Out, ""
	}
	err = s.resolve()
	if err == nil && s.Format == "benchmark" && verb != "report" {
		err = errors.New("--format benchmark goes with report")
	}
	if _, bad := s.format(); err == nil && !ownFormat(parsed.Command()) {
		err = bad
	}
	if err != nil {
		complain(stderr, err)
		return exitUsage
	}
	ctx, interrupt := s.interruptible(os.Exit)
	defer interrupt.stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	return statusOf(parsed.Run(s), stderr)
}

// withoutWorkers is a command line without -j, on which no result depends.
func withoutWorkers(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			return append(out, args[i:]...)
		case arg == "-j" || arg == "--workers":
			i++
		case strings.HasPrefix(arg, "-j") || strings.HasPrefix(arg, "--workers="):
		default:
			out = append(out, arg)
		}
	}
	return out
}

// newParser makes the parser of a grammar.
func newParser(grammar any, stdout, stderr io.Writer, more ...kong.Option) *kong.Kong {
	parser, err := kong.New(grammar, append(more,
		kong.Name("bitcycle"),
		kong.Description("What does this quantization really cost, and what does it really lose, on this hardware?"),
		kong.Vars{
			"lists": strings.Join(listNames, ","), "schemas": strings.Join(schema.Kinds(), ", "), "method": defaultMethod, "widths": evaluate.DefaultWidths,
			"network": defaultNetwork, "data": defaultData, "calib": defaultCalib, "methods": strings.Join(defaultMethods, ", "),
		},
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(code int) { panic(exitStatus(code)) }))...)
	if err != nil {
		panic("cli: " + err.Error())
	}
	return parser
}

// ownFormat tells commands that write TOML or JSON whatever the format of reports.
func ownFormat(command string) bool {
	verb, _, _ := strings.Cut(command, " ")
	return verb == "show" || verb == "schema"
}

// confess tells of a panic: our mistake, whatever the input was. The trace comes with
// -v.
func (s *session) confess(panicked any, stack []byte) {
	what, _, _ := strings.Cut(fmt.Sprint(panicked), "\n")
	fmt.Fprintf(s.stderr, "bitcycle: internal error: %s; please report it with the trace that -v prints, the files and: bitcycle %s (%s, %s)\n",
		what, s.command, version(), toolchain())
	if s.Verbose {
		fmt.Fprintf(s.stderr, "%v\n%s", panicked, stack)
	}
}

func statusOf(err error, stderr io.Writer) int {
	var bad inputError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "bitcycle: interrupted")
		var kept *bcgd.Interrupted
		if errors.As(err, &kept) {
			complain(stderr, kept)
		}
		return exitInterrupted
	case errors.As(err, &bad) && !full(err):
		complain(stderr, err)
		return exitUsage
	}
	complain(stderr, err)
	return exitFailed
}

// full tells that what was written found no room, which no other input mends.
func full(err error) bool {
	for _, reason := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EIO} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
