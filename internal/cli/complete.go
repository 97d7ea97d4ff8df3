package cli

import (
	"fmt"
	"os"
	"regexp"
	"slices"

	"github.com/alecthomas/kong"
	mangokong "github.com/alecthomas/mango-kong"
	kongcompletion "github.com/jotaen/kong-completion"
	"github.com/muesli/roff"
	"github.com/posener/complete"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/internal/schema"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/mimo"
	"bitcycle/sim/sweep"
)

// completeLine answers a shell that asks how a line may go on, and ends the program
// then. Shells ask by a variable; without it nothing is done.
func completeLine(parser *kong.Kong) {
	if os.Getenv("COMP_LINE") == "" {
		return
	}
	lists := map[string]func() []string{
		"machines":  func() []string { return shippedNames(arch.List()) },
		"frontends": func() []string { return shippedNames(arch.ListFrontEnds()) },
		"hardware":  func() []string { return append(shippedNames(arch.List()), shippedNames(arch.ListFrontEnds())...) },
		"networks":  func() []string { return []string{defaultNetwork} },
		"workloads": workloadNames,
		"methods":   methodNames,
		"sweeps":    sweepNames,
		"precoders": mimo.Precoders,
		"schemas":   schema.Kinds,
		"papers":    paperNames,
		"lists":     func() []string { return listNames },
	}
	predictors := map[string]complete.Predictor{"files": complete.PredictFiles("*"), "folders": complete.PredictDirs("*")}
	for name, list := range lists {
		predictors[name] = complete.PredictFunc(func(complete.Args) []string { return list() })
	}
	kongcompletion.Register(parser, kongcompletion.WithPredictors(predictors))
}

func shippedNames(list []arch.Shipped) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return names
}

func workloadNames() []string {
	var names []string
	for _, e := range slices.Concat(zoo.List(), zoo.Variants()) {
		names = append(names, e.Name)
	}
	return names
}

func methodNames() []string {
	var names []string
	for _, m := range evaluate.Methods() {
		names = append(names, m.Name)
	}
	return names
}

func sweepNames() []string {
	var names []string
	for _, s := range sweep.List() {
		names = append(names, s.Name)
	}
	return names
}

func paperNames() []string {
	var names []string
	for _, p := range papers() {
		names = append(names, p.Name)
	}
	return names
}

// manual is a flag that prints the manual page.
type manual bool

// BeforeApply prints the page and ends. In the place of today's date stands the version.
func (manual) BeforeApply(app *kong.Kong) error {
	today := regexp.MustCompile(`"[0-9]{4}-[0-9]{2}-[0-9]{2}"`)
	page := mangokong.NewManPage(1, app.Model).Build(roff.NewDocument())
	return ended(app, today.ReplaceAllString(page, `"`+version()+`"`))
}

// versionFlag is a flag that prints the version.
type versionFlag bool

// BeforeApply prints the version and ends.
func (versionFlag) BeforeApply(app *kong.Kong) error {
	return ended(app, "bitcycle "+version())
}

// ended prints all that was asked for and ends; an error if it could not be written.
func ended(app *kong.Kong, text string) error {
	if _, err := fmt.Fprintln(app.Stdout, text); err != nil {
		return err
	}
	app.Exit(exitDone)
	return nil
}
