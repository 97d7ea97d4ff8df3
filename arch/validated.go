package arch

import (
	"encoding/csv"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	archconfigs "bitcycle/arch-configs"
)

// Validation is how a shipped machine fares against figures of others: what `validate`
// computes from the rows that ship. Errors are fractions.
type Validation struct {
	Source      string // of the figures
	Kind        string // what made them: RTL, silicon, simulator …
	Rows        int
	MeanError   float64
	MedianError float64
	Bias        float64 // mean of ours/theirs − 1
	WorstError  float64
}

// String is "111 RTL rows: mean 11 %".
func (v Validation) String() string {
	return fmt.Sprintf("%d %s %s: mean %s", v.Rows, v.Kind, rowsText(v.Rows), percent(v.MeanError))
}

func rowsText(n int) string {
	if n == 1 {
		return "row"
	}
	return "rows"
}

// percent has two significant digits, 0 is exact.
func percent(x float64) string {
	if x == 0 {
		return "0 %"
	}
	return strconv.FormatFloat(100*x, 'g', 2, 64) + " %"
}

// Validations are those of a shipped machine by its name, none for any other.
func Validations(machine string) []Validation { return validations()[machine] }

// validations are the rows of validated.csv by machine.
var validations = sync.OnceValue(func() map[string][]Validation {
	text, err := archconfigs.Files.ReadFile("validated.csv")
	if err != nil {
		panic("arch: " + err.Error())
	}
	list, err := readValidations(string(text))
	if err != nil {
		panic("arch: " + err.Error())
	}
	return list
})

// validatedColumns are the columns of validated.csv.
const validatedColumns = "machine,source,kind,rows,mean_error,median_error,bias,worst_error"

func readValidations(text string) (map[string][]Validation, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("validated.csv: %w", err)
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != validatedColumns {
		return nil, fmt.Errorf("validated.csv: want the columns %s", validatedColumns)
	}
	list := map[string][]Validation{}
	for i, row := range rows[1:] {
		v := Validation{Source: row[1], Kind: row[2]}
		if v.Rows, err = strconv.Atoi(row[3]); err != nil {
			return nil, fmt.Errorf("validated.csv:%d: %w", i+2, err)
		}
		for j, x := range []*float64{&v.MeanError, &v.MedianError, &v.Bias, &v.WorstError} {
			if *x, err = strconv.ParseFloat(row[4+j], 64); err != nil {
				return nil, fmt.Errorf("validated.csv:%d: %w", i+2, err)
			}
		}
		list[row[0]] = append(list[row[0]], v)
	}
	return list, nil
}

// Trust says how a machine was validated and how well, a line a source of figures; one
// that never was says so, and so does one that is no longer what was validated.
func (a *Accelerator) Trust() []string {
	list := Validations(a.Name)
	if len(list) == 0 {
		return []string{"never validated against figures of others"}
	}
	as := ""
	if shipped, err := Load(a.Name, nil); err != nil || !reflect.DeepEqual(shipped, a) {
		as = "as shipped, not as changed here: "
	}
	lines := make([]string, len(list))
	for i, v := range list {
		lines[i] = fmt.Sprintf("%svalidated on %v, bias %s, worst %s (%s)", as, v, percent(v.Bias), percent(v.WorstError), v.Source)
	}
	return lines
}
