package cli

import (
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// hints are what may help after a command line that cannot be parsed: commands that have
// the flag, and where to read more.
func hints(parser *kong.Kong, args []string, err error) []string {
	help := "try: bitcycle --help"
	verb := ""
	for _, c := range parser.Model.Children {
		if len(args) > 0 && c.Name == args[0] {
			verb = c.Name
			help = "try: bitcycle " + verb + " --help"
		}
	}
	unknownFlag := regexp.MustCompile(`unknown flag (--?[a-zA-Z][-a-zA-Z0-9]*)`) // as kong says it
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		if verbs := having(parser, m[1], verb); len(verbs) > 0 {
			return []string{m[1] + " is a flag of " + strings.Join(verbs, ", "), help}
		}
	}
	return []string{help}
}

// having lists the commands other than one that have a flag.
func having(parser *kong.Kong, flag, but string) []string {
	var verbs []string
	for _, c := range parser.Model.Children {
		for _, f := range c.Flags {
			if c.Name != but && ("--"+f.Name == flag || f.Short != 0 && "-"+string(f.Short) == flag) {
				verbs = append(verbs, c.Name)
				break
			}
		}
	}
	return verbs
}
