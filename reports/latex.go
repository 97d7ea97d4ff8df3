package reports

import (
	"strings"
)

// writeLaTeX writes the tables as tabulars with booktabs' rules, for \\usepackage{booktabs};
// what else there is to say follows as comments.
func (d *Document) writeLaTeX(out *sticky) {
	out.comments(append([]string{d.Title}, d.Answer...))
	for _, t := range d.shown() {
		out.tabular(t)
	}
	out.comments(d.Summary)
	out.comments(d.allAssumptions())
}

func (s *sticky) comments(lines []string) {
	for _, line := range lines {
		if line != "" {
			s.printf("%% %s\n", strings.ReplaceAll(line, "\n", " "))
		}
	}
}

func (s *sticky) tabular(t *Table) {
	var columns strings.Builder
	for _, c := range t.Columns {
		switch {
		case c.Hidden:
		case c.Left:
			columns.WriteByte('l')
		default:
			columns.WriteByte('r')
		}
	}
	s.comments([]string{t.Title})
	s.printf("\\begin{tabular}{%s}\n\\toprule\n", &columns)
	s.printf("%s\\midrule\n", t.latexRow(func(i int) string { return t.Columns[i].Head }))
	for _, row := range t.Rows {
		s.printf("%s", t.latexRow(func(i int) string { return t.Columns[i].show(row[i]) }))
	}
	if t.Footer != nil {
		s.printf("\\midrule\n%s", t.latexRow(func(i int) string { return t.Columns[i].show(t.Footer[i]) }))
	}
	s.printf("\\bottomrule\n\\end{tabular}\n")
	s.comments(t.Notes)
}

func (t *Table) latexRow(cell func(column int) string) string {
	var cells []string
	for i := range t.Columns {
		if !t.Columns[i].Hidden {
			cells = append(cells, latex(cell(i)))
		}
	}
	return strings.Join(cells, " & ") + ` \\` + "\n"
}

// latexEscapes are the signs that LaTeX reads as its own, and those that its fonts do
// not have as letters.
var latexEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "&", `\&`, "%", `\%`, "$", `\$`, "#", `\#`, "_", `\_`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "<", `\textless{}`, ">", `\textgreater{}`, "|", `\textbar{}`, `"`, "''", "\n", " ",
	"–", "--", "×", `$\times$`, "→", `$\to$`, "·", `$\cdot$`, "±", `$\pm$`, "≤", `$\le$`, "≥", `$\ge$`, "≈", `$\approx$`, "√", `$\surd$`, "∞", `$\infty$`, "−", "$-$",
	"µ", `$\mu$`, "μ", `$\mu$`, "°", `$^\circ$`, "²", "$^2$", "³", "$^3$", "⁻", "$^{-}$",
	"α", `$\alpha$`, "β", `$\beta$`, "γ", `$\gamma$`, "δ", `$\delta$`, "ε", `$\varepsilon$`, "λ", `$\lambda$`, "ρ", `$\rho$`, "σ", `$\sigma$`, "τ", `$\tau$`, "ψ", `$\psi$`, "ω", `$\omega$`, "Δ", `$\Delta$`, "Σ", `$\Sigma$`)

// latex escapes text.
func latex(text string) string { return latexEscapes.Replace(text) }
