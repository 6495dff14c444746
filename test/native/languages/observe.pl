# Prints what a Perl program sees of its host.
use strict; use warnings; use POSIX (); use File::Temp; use Time::HiRes ();
print "time ", time, " ", join(' ', (POSIX::uname())[1, 2, 3]), " ", scalar localtime, "\n";
opendir my $folder, 'names' or die; print "names @{[readdir $folder]}\n";
my %hashed = map { $_ => 1 } 'a' .. 'z'; print "hashed @{[keys %hashed]}\n";
print "random ", int(rand(1e9)), " ", File::Temp->new(DIR => '.')->filename, "\n";
open my $file, '>', 'written' or die; print $file 'x'; close $file;
my @status = stat 'written'; print "written @status[0, 1, 3, 9, 10]\n";
my $start = Time::HiRes::time(); my $real = Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC());
select undef, undef, undef, 0.2;
my $own = Time::HiRes::time() - $start; $real = Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) - $real;
print "waited ", ($own > 0.19 && $real > 0.19 ? 1 : 0), "\n";
my $child = open my $pipe, '-|', 'sleep 1; date +%s' or die; print "child ", <$pipe>; close $pipe; print "after ", time, "\n";
