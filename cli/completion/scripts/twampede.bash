# Completion of twampede for bash. In this shell alone:
#   source <(twampede completions bash)
# for good, with the package bash-completion:
#   mkdir -p ~/.local/share/bash-completion/completions
#   twampede completions bash > ~/.local/share/bash-completion/completions/twampede
# without it (bash 3.2 of macOS too):
#   twampede completions bash > ~/.twampede.bash; echo '. ~/.twampede.bash' >> ~/.bashrc

_twampede() {
  local line=${COMP_LINE:0:COMP_POINT} program=${1/#\~/$HOME} word='' open='' begun='' cut=0 c reply kind prefix path value
  local -a words
  words=()
  # Words are read from the line, because bash has parted them at : and = in COMP_WORDS. Nothing in them is expanded.
  # The cursor's own word is left in word; readline replaces no more than what stands behind cut.
  while [[ -n $line ]]; do
    c=${line:0:1}
    line=${line:1}
    if [[ -n $open ]]; then
      if [[ $c == "$open" ]]; then open=''; else word+=$c; fi
    else
      case $c in
        [[:blank:]])
          if [[ -n $begun ]]; then words+=("$word"); fi
          word='' begun='' cut=0
          continue
          ;;
        \\)
          word+=${line:0:1}
          line=${line:1}
          ;;
        \' | \")
          open=$c
          cut=${#word}
          ;;
        *)
          word+=$c
          if [[ $COMP_WORDBREAKS == *"$c"* ]]; then cut=${#word}; fi
          ;;
      esac
    fi
    begun=1
  done

  COMPREPLY=()
  # An alias is no program that could be asked.
  type -P "$program" >/dev/null || program=twampede
  reply=$("$program" complete --word="$word" -- "${words[@]:1}" 2>/dev/null) || return
  kind=${reply%%$'\n'*}
  case $kind in
    files* | folders*)
      prefix=${kind#*$'\t'}
      compopt -o filenames 2>/dev/null
      c=-f
      if [[ $kind == folders* ]]; then c=-d; fi
      while IFS= read -r path; do
        value=$prefix$path
        COMPREPLY+=("${value:cut}")
      done < <(compgen "$c" -- "${word:${#prefix}}")
      ;;
    words*)
      while IFS= read -r line; do
        value=${line%%$'\t'*}
        if [[ -n $value ]]; then COMPREPLY+=("${value:cut}"); fi
      done <<<"${reply#"$kind"}"
      compopt -o nosort 2>/dev/null
      # Something has to follow these.
      if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:,] ]]; then compopt -o nospace 2>/dev/null; fi
      ;;
  esac
}

complete -F _twampede twampede twampede.exe
