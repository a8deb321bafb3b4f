#compdef twampede
# Completion of twampede for zsh. In this shell alone, behind compinit:
#   source <(twampede completions zsh)
# for good, in a folder that is in fpath before compinit runs:
#   mkdir -p ~/.zfunc; twampede completions zsh > ~/.zfunc/_twampede
#   and in ~/.zshrc: fpath=(~/.zfunc $fpath); autoload -U compinit; compinit

_twampede() {
  local program=${(Q)words[1]} reply kind line value summary
  local -a before lines plain joined
  [[ $program == '~/'* ]] && program=$HOME/${program#'~/'}
  # Quotes are taken off, but nothing is expanded.
  before=("${(@Q)words[2,CURRENT-1]}")
  reply=$("$program" complete --word="${(Q)PREFIX}" -- "${before[@]}" 2>/dev/null) || return 1
  lines=("${(@f)reply}")
  kind=$lines[1]
  case $kind in
    files*)
      compset -P "${(b)${kind#*$'\t'}}"
      _files
      ;;
    folders*)
      compset -P "${(b)${kind#*$'\t'}}"
      _files -/
      ;;
    words)
      for line in "${(@)lines[2,-1]}"; do
        value=${line%%$'\t'*}
        # _describe parts value and sentence at the first colon that is not escaped.
        summary=${line#*$'\t'}
        line=${value//:/\\:}${summary:+:$summary}
        if [[ $value == *[=:,] ]]; then joined+=("$line"); else plain+=("$line"); fi
      done
      # Something has to follow the second kind: no blank is put behind them.
      _describe -V twampede plain -- joined -S ''
      ;;
  esac
}

if [[ $funcstack[1] == _twampede ]]; then
  _twampede "$@"
elif (( $+functions[compdef] )); then
  compdef _twampede twampede
fi
