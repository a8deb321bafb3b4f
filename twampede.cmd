@echo off
rem Runs the program from a checkout, like the file without an ending does on other systems. Windows cannot replace a
rem process, so this one stays as the parent and passes the exit status on.
setlocal EnableExtensions DisableDelayedExpansion
set "root=%~dp0"
set "modules=%root%node_modules"
set "DENO_NO_UPDATE_CHECK=1"

set "want=%TWAMPEDE_RUNTIME%"
if not defined want goto choose
if "%want%"=="deno" goto choose
if "%want%"=="bun" goto choose
echo twampede: TWAMPEDE_RUNTIME=%want% is not a runtime: set it to deno or bun, or unset it 1>&2
exit /b 2

:choose
set "kind="
set "exe="
if not "%want%"=="bun" call :on_path deno 2 9
if not defined kind if not "%want%"=="deno" call :on_path bun 1 4
set "what=packages"
if not defined kind set "what=all"

rem The copy of the lock file is made when everything is in place.
fc /b "%root%package-lock.json" "%modules%\.twampede-lock" >nul 2>&1
if errorlevel 1 goto setup
if not defined kind call :in_modules
if defined kind goto start

:setup
where node >nul 2>&1
if not errorlevel 1 goto setup_node
if "%kind%"=="deno" goto setup_deno
if "%kind%"=="bun" goto setup_bun
echo twampede: no Deno 2.9.0 or Bun 1.4.0 on PATH, and no npm to fetch one with: install one of the three 1>&2
exit /b 1
:setup_node
node "%root%scripts\setup.mjs" %what% 1>&2 <nul
goto setup_done
:setup_deno
"%exe%" run -A -q --no-config "%root%scripts\setup.mjs" %what% 1>&2 <nul
goto setup_done
:setup_bun
"%exe%" --no-env-file "--config=%root%scripts\bunfig.toml" "--tsconfig-override=%root%scripts\tsconfig.none.json" "%root%scripts\setup.mjs" %what% 1>&2 <nul
:setup_done
if errorlevel 1 exit /b 1
if not defined kind call :in_modules
if defined kind goto start
echo twampede: npm brought no runtime for this system: install Deno or Bun and put it on PATH 1>&2
exit /b 1

:start
rem An editor's terminal sets it for Node.js, and Deno obeys it.
set "NODE_OPTIONS="
if "%kind%"=="bun" goto start_bun
"%exe%" run -A -q --no-prompt --unstable-net --config "%root%deno.json" "%root%cli\main.ts" %*
exit /b %ERRORLEVEL%
:start_bun
"%exe%" --no-env-file --no-install "--config=%root%scripts\bunfig.toml" "--tsconfig-override=%root%scripts\tsconfig.none.json" "%root%cli\main.ts" %*
exit /b %ERRORLEVEL%

rem :on_path NAME MAJOR MINOR sets kind and exe where PATH has one that is new enough. Only .exe files: a script in
rem between (npm makes .cmd files) would end this one.
:on_path
set "found="
for %%F in (%1.exe) do set "found=%%~$PATH:F"
if not defined found exit /b 0
set "major="
set "minor="
for /f "tokens=1-3 delims=. " %%A in ('""%found%" --version 2^>nul"') do if not defined major call :version %%A %%B %%C
if not defined major goto too_old
if %major% GTR %2 goto good
if %major% LSS %2 goto too_old
if %minor% LSS %3 goto too_old
:good
set "kind=%1"
set "exe=%found%"
exit /b 0
:too_old
echo twampede: %1 %major%.%minor% (%found%) is too old, passed over: %2.%3.0 or newer is needed 1>&2
exit /b 0

rem "deno 2 9" or "1 4 5".
:version
if "%1"=="deno" shift
set "major=%1"
set "minor=%2"
exit /b 0

:in_modules
if "%want%"=="bun" goto modules_bun
set "kind=deno"
for %%F in ("%modules%\deno\deno.exe" "%modules%\@deno\win32-x64\deno.exe" "%modules%\@deno\win32-arm64\deno.exe") do (
  if exist %%F (
    set "exe=%%~F"
    exit /b 0
  )
)
set "kind="
if "%want%"=="deno" exit /b 0
:modules_bun
set "kind=bun"
set "exe=%modules%\bun\bin\bun.exe"
if not exist "%exe%" set "kind="
exit /b 0
